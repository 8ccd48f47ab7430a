package org.lorica.gpu;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.lorica.model.BackboneContract;
import org.lorica.tensor.Kernels;

/** Predictions, per-example gradients and lanes of every backbone on a card. */
@Tag("gpu")
class GpuBackbonesTest extends BackboneContract {
  private static Kernels card;

  @BeforeAll
  static void card() {
    card = Card.kernels();
  }

  @Override
  protected Kernels fast() {
    return card;
  }
}
