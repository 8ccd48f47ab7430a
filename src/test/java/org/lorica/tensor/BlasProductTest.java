package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlasProductTest {
  private final SplittableRandom random = new SplittableRandom(7);

  /** rows × cols within wider rows, so that strides matter. */
  private Tensor drawn(Arena arena, int rows, int cols) {
    Tensor wide = arena.allocate(rows, cols + 3);
    float[] values = new float[wide.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    wide.write(values, 0);
    return wide.cols(2, cols);
  }

  private Tensor factor(Arena arena, int rows, int cols, char transposed) {
    return transposed == 't' ? drawn(arena, cols, rows).t() : drawn(arena, rows, cols);
  }

  @ParameterizedTest
  @CsvSource({
    "n, n, 513, 64, 64", // pieces of rows
    "n, t, 513, 64, 64", // and the right factor turned
    "n, t, 197, 64, 197",
    "n, t, 1, 64, 197",
    "n, n, 700, 768, 8",
    "n, t, 700, 768, 8",
    "n, t, 700, 8, 768",
    "t, n, 197, 197, 64", // pieces of rows of a transposed factor
    "t, n, 8, 197, 768", // pieces of columns
    "t, t, 130, 90, 100",
    "n, n, 120, 300, 100", // whole: the right factor is not small
    "n, t, 120, 300, 100",
    "n, n, 7, 5, 3",
  })
  void piecesGiveTheProduct(char left, char right, int m, int k, int n) {
    Arena arena = new Arena(Precision.FLOAT32);
    Tensor a = factor(arena, m, k, left);
    Tensor b = factor(arena, k, n, right);
    for (float beta : new float[] {0, 1}) {
      for (boolean inPieces : new boolean[] {true, false}) {
        Tensor c = drawn(arena, m, n);
        double[][] expected = new double[m][n];
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            expected[i][j] = beta * c.at(i, j);
            for (int t = 0; t < k; t++) {
              expected[i][j] += 0.5 * a.at(i, t) * b.at(t, j);
            }
          }
        }
        new BlasProduct(inPieces).multiply(0.5f, a, b, beta, c);
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            assertThat(Math.abs(c.at(i, j) - expected[i][j]))
                .as("[%d, %d], beta %s, in pieces %s", i, j, beta, inPieces)
                .isLessThan(1e-4);
          }
        }
      }
    }
  }

  @Test
  void nothingBesideTheResultIsWritten() {
    Arena arena = new Arena(Precision.FLOAT32);
    Tensor a = drawn(arena, 513, 64);
    Tensor b = drawn(arena, 64, 64);
    Tensor wide = arena.allocate(515, 70);
    Kernels kernels = new CpuKernels();
    kernels.fill(3, wide);
    new BlasProduct(true).multiply(1, a, b, 0, wide.view(1, 513, 2, 64));
    for (int i = 0; i < wide.rows(); i++) {
      for (int j = 0; j < wide.cols(); j++) {
        boolean inside = i >= 1 && i < 514 && j >= 2 && j < 66;
        assertThat(wide.at(i, j) == 3).as("[%d, %d]", i, j).isEqualTo(!inside);
      }
    }
  }
}
