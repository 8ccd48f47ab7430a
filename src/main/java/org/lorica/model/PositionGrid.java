package org.lorica.model;

/**
 * Position embeddings of a grid of patches, resized to another grid: bicubic interpolation with a =
 * −3/4, pixel centres at half-integers, borders repeated, no smoothing, as PyTorch's {@code
 * interpolate(mode="bicubic", align_corners=False)} that ViT and Swin use.
 */
final class PositionGrid {
  private static final double A = -0.75;

  private PositionGrid() {}

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
