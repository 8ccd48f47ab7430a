package org.lorica.model;

import java.util.Arrays;
import java.util.List;
import org.lorica.tensor.Tensor;

/**
 * Position embeddings of a grid of patches, resized to another grid: bicubic interpolation with a =
 * −3/4, pixel centres at half-integers, borders repeated, no smoothing, as PyTorch's {@code
 * interpolate(mode="bicubic", align_corners=False)} that ViT and Swin use.
 */
final class PositionGrid {
  private static final double A = -0.75;

  private PositionGrid() {}

  /** Positions of {@code special} tokens, then of the patches, resized to the image's grid. */
  static Tensor load(
      FrozenWeights weights, String name, int special, PatchEmbedding.Weights patches) {
    int width = patches.projection().out();
    List<Integer> shape = weights.shape(name);
    int stored = shape.size() == 3 ? shape.get(1) - special : patches.count();
    int side = (int) Math.round(Math.sqrt(Math.max(1, stored)));
    if (side * side != stored) {
      side = patches.rows(); // not a square grid: the shape below is then refused
    }
    float[] values = weights.values(name, List.of(1, special + side * side, width));
    if (side != patches.rows() || side != patches.cols()) {
      float[] grid = Arrays.copyOfRange(values, special * width, values.length);
      float[] resized = resize(grid, side, width, patches.rows(), patches.cols());
      values = Arrays.copyOf(values, special * width + resized.length);
      System.arraycopy(resized, 0, values, special * width, resized.length);
    }
    return weights.tensor(special + patches.count(), width, values);
  }

  /**
   * Resizes a square grid.
   *
   * @param grid side² × width values, row by row of the grid
   * @return rows·cols × width values
   */
  static float[] resize(float[] grid, int side, int width, int rows, int cols) {
    double[][] down = weights(side, rows);
    double[][] across = weights(side, cols);
    double[] half = new double[rows * side * width]; // rows resized, columns not yet
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < side; j++) {
        for (int t = 0; t < side; t++) {
          if (down[i][t] != 0) {
            for (int k = 0; k < width; k++) {
              half[(i * side + j) * width + k] += down[i][t] * grid[(t * side + j) * width + k];
            }
          }
        }
      }
    }
    float[] resized = new float[rows * cols * width];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        for (int k = 0; k < width; k++) {
          double sum = 0;
          for (int t = 0; t < side; t++) {
            sum += across[j][t] * half[(i * side + t) * width + k];
          }
          resized[(i * cols + j) * width + k] = (float) sum;
        }
      }
    }
    return resized;
  }

  /** Row i: how much each old point counts in the new point i. */
  private static double[][] weights(int old, int size) {
    double[][] weights = new double[size][old];
    for (int i = 0; i < size; i++) {
      double source = (i + 0.5) * old / size - 0.5;
      int base = (int) Math.floor(source);
      double t = source - base;
      double[] taps = {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
      for (int k = 0; k < taps.length; k++) {
        int at = Math.max(0, Math.min(old - 1, base - 1 + k));
        weights[i][at] += taps[k];
      }
    }
    return weights;
  }

  private static double inner(double x) {
    return ((A + 2) * x - (A + 3)) * x * x + 1;
  }

  private static double outer(double x) {
    return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }
}
