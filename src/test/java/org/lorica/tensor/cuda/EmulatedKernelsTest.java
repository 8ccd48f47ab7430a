package org.lorica.tensor.cuda;

import org.junit.jupiter.api.BeforeEach;
import org.lorica.tensor.KernelContract;
import org.lorica.tensor.Kernels;

/** The CUDA kernels, and the code that launches them, on an emulated device. */
class EmulatedKernelsTest extends KernelContract {
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
