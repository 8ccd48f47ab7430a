package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Matrix;

/** A client's mean relative cross term of its local steps (1 × 1). For diagnostics. */
public record CrossTerms() implements ClientMessage {

  @Override
  public List<Matrix> from(TrainedClient client) {
    return List.of(Matrix.of(1, 1, new double[] {client.crossTerm()}));
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return 1;
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
