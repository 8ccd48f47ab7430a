package org.lorica.model;

import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;

/** Every backbone on the CPU's kernels. */
class CpuBackbonesTest extends BackboneContract {
  private static final Kernels CPU = new CpuKernels();

  @Override
  protected Kernels fast() {
    return CPU;
  }
}
