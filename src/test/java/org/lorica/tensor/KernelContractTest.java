package org.lorica.tensor;

/** The CPU's kernels. */
class KernelContractTest extends KernelContract {
  private static final Kernels CPU = new CpuKernels();

  @Override
  protected Kernels fast() {
    return CPU;
  }
}
