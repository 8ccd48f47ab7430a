package org.lorica.gpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.lorica.tensor.DeviceException;
import org.lorica.tensor.cuda.CudaDevices;
import org.lorica.tensor.cuda.CudaKernels;

/** The first card of this machine; tests are skipped, and say why, where there is none. */
final class Card {
  private Card() {}

  static CudaKernels kernels() {
    try {
      CudaKernels kernels = CudaDevices.open(Optional.empty());
      System.out.println("on " + kernels.description());
      return kernels;
    } catch (DeviceException e) {
      assumeTrue(false, e.getMessage());
      throw e;
    }
  }
}
