package org.lorica.tensor;

/** The CPU's kernels. */
class BatchContractTest extends BatchContract {
  private static final Kernels CPU = new CpuKernels();

  @Override
  protected Kernels fast() {
    return CPU;
  }
}
