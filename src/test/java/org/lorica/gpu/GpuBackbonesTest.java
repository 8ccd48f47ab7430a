package org.lorica.gpu;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.lorica.model.BackboneContract;
import org.lorica.tensor.Kernels;

/** Predictions, per-example gradients and lanes of every backbone on a card. */
@Tag("gpu")
class GpuBackbonesTest extends BackboneContract {
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
