package org.lorica.model;

import org.lorica.tensor.ClosingTensors;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;

/** No backbone uses a tensor of an earlier pass, or one that was given back within its own. */
class TensorLifetimeTest extends BackboneContract {
  private static final Kernels CLOSING = ClosingTensors.with(new CpuKernels());

  @Override
  protected Kernels fast() {
    return CLOSING;
  }
}
