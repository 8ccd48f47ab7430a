package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearAlgebraTest {
  private static final long SEED = 20261121;

  private static Matrix random(int rows, int cols) {
    System.out.println("seed " + SEED);
    return Matrix.of(rows, cols, new Random(SEED).doubles((long) rows * cols, -1, 1).toArray());
  }

  @ParameterizedTest(name = "{0} x {1}")
  @CsvSource({"1, 1", "5, 3", "3, 5", "300, 24", "24, 300", "16, 16"})
  void factorsMultiplyBackAndAreOrthonormal(int rows, int cols) {
    Matrix a = random(rows, cols);
    LinearAlgebra.Qr qr = LinearAlgebra.qr(a);
    assertThat(qr.q().times(qr.r()).minus(a).norm()).isLessThan(1e-12 * a.norm());
    assertOrthonormalColumns(qr.q());
    LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
    Matrix back = svd.u().scaledColumns(svd.values().toArray()).times(svd.vt());
    assertThat(back.minus(a).norm()).isLessThan(1e-12 * a.norm());
    assertOrthonormalColumns(svd.u());
    assertOrthonormalColumns(svd.vt().transpose());
    for (int i = 1; i < svd.values().count(); i++) {
      assertThat(svd.values().at(i)).isLessThanOrEqualTo(svd.values().at(i - 1));
    }
  }

  private static void assertOrthonormalColumns(Matrix q) {
    Matrix gram = q.transpose().times(q);
    for (int i = 0; i < gram.rows(); i++) {
      for (int j = 0; j < gram.cols(); j++) {
        assertThat(gram.at(i, j)).isCloseTo(i == j ? 1 : 0, Offset.offset(1e-12));
      }
    }
  }

  @Test
  void productsAreThoseOfThreeLoops() {
    Matrix a = random(7, 5);
    Matrix b = random(5, 9);
    Matrix c = a.times(b);
    for (int i = 0; i < 7; i++) {
      for (int j = 0; j < 9; j++) {
        double sum = 0;
        for (int k = 0; k < 5; k++) {
          sum += a.at(i, k) * b.at(k, j);
        }
        assertThat(c.at(i, j)).isCloseTo(sum, Offset.offset(1e-14));
      }
    }
    assertThat(Matrix.zeros(3, 0).times(Matrix.zeros(0, 2)).norm()).isZero();
  }

  @Test
  void aMatrixWithoutFullRankHasZeroSingularValues() {
    Matrix a = random(12, 2).times(random(2, 9));
    LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
    assertThat(svd.values().at(1)).isGreaterThan(1e-3);
    assertThat(svd.values().at(2)).isLessThan(1e-12);
    assertOrthonormalColumns(LinearAlgebra.qr(Matrix.zeros(6, 2)).q());
  }
}
