package org.lorica.tensor.cuda;

import org.junit.jupiter.api.BeforeEach;
import org.lorica.tensor.BatchContract;
import org.lorica.tensor.Kernels;

/** The same for calls with many matrices. */
class EmulatedBatchTest extends BatchContract {
  private Kernels kernels;

  @BeforeEach
  void device() {
    kernels = new CudaKernels(EmulatedDriver.roomy());
  }

  @Override
  protected Kernels fast() {
    return kernels;
  }
}
