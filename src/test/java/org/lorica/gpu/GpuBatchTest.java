package org.lorica.gpu;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.lorica.tensor.BatchContract;
import org.lorica.tensor.Kernels;

/** The same for calls with many matrices. */
@Tag("gpu")
class GpuBatchTest extends BatchContract {
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
