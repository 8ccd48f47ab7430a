package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

/**
 * Noise Z·Lᵀ against its dense twin N·Mᵀ: every fixed projection of a row is normal with variance
 * (σC)²·uᵀMMᵀu. Kolmogorov–Smirnov over 20,000 rows, false-alarm rate 1e-5 a check.
 */
class NoiseShapeTest {
  private static final double FALSE_ALARM = 1e-5;
  private static final double SIGMA = 1.3;
  private static final double C = 0.7;
  private static final int ROWS = 20_000;
  private static final Release RELEASE = new Release(new Clipper(C), new GaussianNoiser(SIGMA, C));

  /** M is r × 7, of a lower rank on request. */
  private static Matrix map(int r, boolean singular) {
    double[] values = new double[r * 7];
    RandomKey.root(r).addGaussiansInPlace(1, values);
    if (singular) {
      System.arraycopy(values, 0, values, (r - 1) * 7, 7);
    }
    return Matrix.of(r, 7, values);
  }

  private static double[] projections(double[] noise, int offset, Matrix u) {
    double[] all = new double[ROWS];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < u.rows(); j++) {
        all[i] += noise[offset + i * u.rows() + j] * u.at(j, 0);
      }
    }
    return all;
  }

  private static double pValue(double[] scores, double variance) {
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(new NormalDistribution(null, 0, Math.sqrt(variance)), scores);
  }

  private static double[] drawn(NoiseShape shape, int size, long seed) {
    double[] sum = new double[size];
    RELEASE.addNoiseInPlace(RandomKey.root(seed), shape, sum);
    return sum;
  }

  /** The lowest p-value over projections on axes and diagonals. */
  private static double worst(Matrix m, UnaryOperator<Matrix> fault) {
    NoiseShape sound = NoiseShape.ofImages(List.of(ROWS), List.of(m));
    Matrix root = fault.apply(sound.blocks().get(0).root());
    NoiseShape shape = new NoiseShape(List.of(new NoiseShape.Block(0, ROWS, root)));
    double[] noise = drawn(shape, ROWS * m.rows(), 11);
    double worst = 1;
    for (int j = 0; j < m.rows(); j++) {
      for (int k = 0; k < m.rows(); k++) {
        double[] u = new double[m.rows()];
        u[j] = 1;
        u[k] += 1; // k = j: an axis, twice as long
        Matrix direction = Matrix.of(m.rows(), 1, u);
        double norm = m.transpose().times(direction).norm();
        double variance = SIGMA * SIGMA * C * C * norm * norm;
        worst = Math.min(worst, pValue(projections(noise, 0, direction), variance));
      }
    }
    return worst;
  }

  @ParameterizedTest
  @CsvSource({"1, false", "3, false", "3, true"})
  void rowsAreDistributedAsTheImageOfDenseNoise(int r, boolean singular) {
    assertThat(worst(map(r, singular), root -> root)).isGreaterThan(FALSE_ALARM);
  }

  @Test
  void wrongColoursAreCaught() {
    Matrix m = map(3, false);
    assertThat(worst(m, Matrix::transpose)).isLessThan(FALSE_ALARM);
    assertThat(worst(m, root -> Matrix.identity(3))).isLessThan(FALSE_ALARM);
    assertThat(worst(m, root -> root.scaled(0.9))).isLessThan(FALSE_ALARM);
  }

  /** The same test accepts the dense twin itself. */
  @Test
  void theDenseTwinPassesTheSameTest() {
    Matrix m = map(3, false);
    double[] dense = new double[ROWS * 7];
    RandomKey.root(5).addGaussiansInPlace(SIGMA * C, dense);
    double[] image = Matrix.of(ROWS, 7, dense).times(m.transpose()).toArray();
    Matrix u = Matrix.of(3, 1, new double[] {1, -2, 0.5});
    double norm = m.transpose().times(u).norm();
    double variance = SIGMA * SIGMA * C * C * norm * norm;
    assertThat(pValue(projections(image, 0, u), variance)).isGreaterThan(FALSE_ALARM);
  }

  /** A head behind the products keeps white noise, with the same bits as without any shape. */
  @Test
  void whatIsInNoBlockStaysWhite() {
    Matrix m = map(3, false);
    NoiseShape shape = NoiseShape.ofImages(List.of(5), List.of(m));
    double[] shaped = drawn(shape, 15 + 6, 3);
    double[] white = drawn(NoiseShape.WHITE, 15 + 6, 3);
    for (int i = 0; i < 21; i++) {
      assertThat(shaped[i] == white[i]).isEqualTo(i >= 15);
    }
  }

  @Test
  void noiseOnAGridHasNoShape() {
    Release secure = new Release(new Clipper(C), new DiscreteGaussianNoiser(SIGMA, C));
    NoiseShape shape = NoiseShape.ofImages(List.of(5), List.of(map(3, false)));
    assertThatThrownBy(() -> secure.addNoiseInPlace(RandomKey.root(1), shape, new double[15]))
        .hasMessageContaining("strategy.clip-space");
  }
}
