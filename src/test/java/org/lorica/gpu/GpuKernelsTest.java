package org.lorica.gpu;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.lorica.tensor.KernelContract;
import org.lorica.tensor.Kernels;

/** The kernels' contract on a card. */
@Tag("gpu")
class GpuKernelsTest extends KernelContract {
  private Kernels card;

  @BeforeEach
  void card() {
    card = Card.kernels();
  }

  @Override
  protected Kernels fast() {
    return card;
  }
}
