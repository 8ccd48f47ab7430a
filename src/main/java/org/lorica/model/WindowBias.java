package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * What Swin adds to the scores of a window: a learned number for every relative position and head,
 * and the mask that keeps parts apart which the shift has put into one window.
 *
 * @param positions heads·area × area
 * @param masks one a window of an image, area × area; null where nothing is masked
 */
record WindowBias(Tensor positions, List<Tensor> masks) implements Attention.ScoreBias {

  /**
   * Reads a layer's table, (2w−1)² × heads for the checkpoint's window w; a smaller window uses the
   * offsets that it has.
   */
  static WindowBias load(
      FrozenWeights weights, String table, int heads, int window, Windows.Geometry geometry) {
    int wide = 2 * window - 1;
    float[] values = weights.values(table, List.of(wide * wide, heads));
    int w = geometry.window();
    int area = geometry.area();
    float[] bias = new float[heads * area * area];
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < area; i++) {
        for (int j = 0; j < area; j++) {
          int dy = i / w - j / w + window - 1;
          int dx = i % w - j % w + window - 1;
          bias[(h * area + i) * area + j] = values[(dy * wide + dx) * heads + h];
        }
      }
    }
    List<Tensor> masks = new ArrayList<>();
    for (float[] mask : Windows.masks(geometry)) {
      masks.add(mask == null ? null : weights.tensor(area, area, mask));
    }
    return new WindowBias(weights.tensor(heads * area, area, bias), masks);
  }

  @Override
  public void set(Kernels kernels, int range, int head, Tensor scores) {
    kernels.copy(positions.rows(head * scores.rows(), scores.rows()), scores);
    Tensor mask = masks.get(range % masks.size());
    if (mask != null) {
      kernels.axpy(1, mask, scores);
    }
  }
}
