package org.lorica.tensor.cuda;

import org.junit.jupiter.api.BeforeEach;
import org.lorica.model.BackboneContract;
import org.lorica.tensor.Kernels;

/** Every backbone on an emulated CUDA device. */
class EmulatedBackbonesTest extends BackboneContract {
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
