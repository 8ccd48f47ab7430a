package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionGridTest {
  private static final int WIDTH = 3;

  /** The twin evaluates Keys' kernel at every old point, border points standing in for outside. */
  @ParameterizedTest(name = "{0} to {1} x {2}")
  @CsvSource({"3, 5, 5", "14, 6, 6", "4, 4, 7", "5, 2, 3", "1, 3, 3", "6, 6, 6"})
  void everyPointIsTheKernelsWeightedSumOfItsSixteenNeighbours(int side, int rows, int cols) {
    Random random = new Random(5);
    float[] grid = new float[side * side * WIDTH];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = (float) random.nextGaussian();
    }
    float[] found = PositionGrid.resize(grid, side, WIDTH, rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        double y = (i + 0.5) * side / rows - 0.5;
        double x = (j + 0.5) * side / cols - 0.5;
        for (int k = 0; k < WIDTH; k++) {
          double sum = 0;
          for (int a = (int) Math.floor(y) - 1; a <= Math.floor(y) + 2; a++) {
            for (int b = (int) Math.floor(x) - 1; b <= Math.floor(x) + 2; b++) {
              int row = Math.max(0, Math.min(side - 1, a));
              int col = Math.max(0, Math.min(side - 1, b));
              sum += keys(y - a) * keys(x - b) * grid[(row * side + col) * WIDTH + k];
            }
          }
          assertThat((double) found[(i * cols + j) * WIDTH + k]).isCloseTo(sum, within(1e-6));
        }
      }
    }
  }

  private static double keys(double distance) {
    double x = Math.abs(distance);
    double a = -0.75;
    if (x <= 1) {
      return (a + 2) * x * x * x - (a + 3) * x * x + 1;
    }
    return x < 2 ? a * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
  }

  @Test
  void theSameSizeChangesNothing() {
    float[] grid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertThat(PositionGrid.resize(grid, 2, 3, 2, 2)).containsExactly(grid);
  }
}
