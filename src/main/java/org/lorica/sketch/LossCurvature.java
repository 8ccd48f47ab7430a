package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Matrix;

/**
 * Curvature of a client's un-noised batch loss, one number for each group of tensors (1 × groups).
 * No ε covers it. A client that measured nothing sends zeros.
 *
 * @param groups how many there are
 */
public record LossCurvature(int groups) implements ClientMessage {

  @Override
  public List<Matrix> from(TrainedClient client) {
    List<Double> measured = client.lossCurvature();
    if (!measured.isEmpty() && measured.size() != groups) {
      throw new IllegalArgumentException(
          "a client must have measured " + groups + " curvatures, got " + measured.size());
    }
    double[] values = new double[groups];
    for (int g = 0; g < measured.size(); g++) {
      values[g] = measured.get(g);
    }
    return List.of(Matrix.of(1, groups, values));
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return groups;
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
