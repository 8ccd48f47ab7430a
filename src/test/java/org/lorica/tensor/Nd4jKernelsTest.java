package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The plain kernels against loops over single elements. */
class Nd4jKernelsTest {
  private static final long SEED = 11;
  private final Random random = new Random(SEED);

  @ParameterizedTest
  @EnumSource(Precision.class)
  void gemmReadsEveryMixOfTransposedAndStridedViews(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    for (int mix = 0; mix < 8; mix++) {
      Tensor a = (mix & 1) == 0 ? strided(precision, 3, 5) : strided(precision, 5, 3).t();
      Tensor b = (mix & 2) == 0 ? strided(precision, 5, 4) : strided(precision, 4, 5).t();
      Tensor c = strided(precision, 3, 4);
      double beta = (mix & 4) == 0 ? 0 : 0.5;
      double[][] expected = values(c);
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 4; j++) {
          double sum = 0;
          for (int l = 0; l < 5; l++) {
            sum += a.at(i, l) * b.at(l, j);
          }
          expected[i][j] = beta * expected[i][j] + 1.5 * sum;
        }
      }
      kernels.gemm(1.5, a, b, beta, c);
      assertClose(c, expected);
    }
    Tensor empty = new Arena(precision).allocate(3, 0);
    Tensor c = strided(precision, 3, 4);
    kernels.gemm(1, empty, new Arena(precision).allocate(0, 4), 0, c);
    assertClose(c, new double[3][4]);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void elementwiseFunctionsAgreeWithTheirFormulasAndLeaveInputsAlone(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    Tensor x = strided(precision, 4, 7);
    x.set(0, 0, -6);
    x.set(0, 1, 6);
    x.set(0, 2, 0);
    Tensor dy = strided(precision, 4, 7);
    double[][] xs = values(x);
    Tensor y = strided(precision, 4, 7);
    kernels.gelu(x, y);
    assertMap(y, x, dy, (v, d) -> v * cdf(v));
    kernels.geluGradient(x, dy, y);
    assertMap(y, x, dy, (v, d) -> d * (cdf(v) + v * Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI)));
    kernels.tanh(x, y);
    assertMap(y, x, dy, (v, d) -> Math.tanh(v));
    kernels.tanhGradient(x, dy, y);
    assertMap(y, x, dy, (v, d) -> d * (1 - v * v));
    kernels.swiglu(x, dy, y);
    assertMap(y, x, dy, (v, d) -> d * v / (1 + Math.exp(-v)));
    assertClose(x, xs);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void softmaxSeesOnlyItsVisiblePart(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    Tensor x = strided(precision, 4, 4);
    double[][] expected = values(x);
    for (int i = 0; i < 4; i++) {
      double sum = 0;
      for (int j = 0; j <= i; j++) {
        sum += Math.exp(expected[i][j]);
      }
      for (int j = 0; j < 4; j++) {
        expected[i][j] = j <= i ? Math.exp(expected[i][j]) / sum : 0;
      }
    }
    kernels.softmax(1, 1, x);
    assertClose(x, expected);
    Tensor one = strided(precision, 1, 1);
    kernels.softmax(1, 0, one);
    assertThat(one.at(0, 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void crossEntropySkipsRowsWithoutTarget(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    Tensor x = strided(precision, 2, 3);
    double[] losses = new double[2];
    Tensor dx = strided(precision, 2, 3);
    kernels.crossEntropy(x, new int[] {2, -1}, losses, dx);
    double sum = Math.exp(x.at(0, 0)) + Math.exp(x.at(0, 1)) + Math.exp(x.at(0, 2));
    assertThat(losses[0]).isCloseTo(Math.log(sum) - x.at(0, 2), within(tolerance(precision)));
    assertThat(losses[1]).isZero();
    double[][] expected = new double[2][3];
    for (int j = 0; j < 3; j++) {
      expected[0][j] = Math.exp(x.at(0, j)) / sum - (j == 2 ? 1 : 0);
    }
    assertClose(dx, expected);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void rotatingForthAndBackChangesNothing(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    Tensor x = strided(precision, 3, 8);
    double[][] before = values(x);
    Rotary rotary = new Rotary(4, 10_000, Rotary.Direction.FORWARD);
    int[] positions = {0, 1, 5};
    kernels.rotary(rotary, positions, x);
    double angle = 5 * 0.01; // second pair of a head of width 4: theta^(−1/2)
    assertThat(x.at(2, 5))
        .isCloseTo(
            before[2][5] * Math.cos(angle) - before[2][7] * Math.sin(angle),
            within(tolerance(precision)));
    kernels.rotary(rotary.inverse(), positions, x);
    assertClose(x, before);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void normsAndRowScalesAgreeWithLoops(Precision precision) {
    Kernels kernels = new Nd4jKernels(precision);
    Tensor x = strided(precision, 3, 5);
    Tensor gamma = strided(precision, 1, 5);
    Tensor beta = strided(precision, 1, 5);
    double[][] layer = new double[3][5];
    double[][] rms = new double[3][5];
    double squares = 0;
    for (int i = 0; i < 3; i++) {
      double mean = 0;
      double square = 0;
      for (int j = 0; j < 5; j++) {
        mean += x.at(i, j) / 5;
        square += x.at(i, j) * x.at(i, j) / 5;
      }
      squares += 5 * square;
      for (int j = 0; j < 5; j++) {
        double centered = x.at(i, j) - mean;
        layer[i][j] =
            gamma.at(0, j) * centered / Math.sqrt(square - mean * mean + 1e-5) + beta.at(0, j);
        rms[i][j] = gamma.at(0, j) * x.at(i, j) / Math.sqrt(square + 1e-5);
      }
    }
    Tensor y = strided(precision, 3, 5);
    Tensor stats = new Arena(precision).allocate(3, 2);
    kernels.normalise(x, new Norm(gamma, beta, 1e-5), y, stats);
    assertClose(y, layer);
    kernels.normalise(x, new Norm(gamma, null, 1e-5), y, stats);
    assertClose(y, rms);
    assertThat(kernels.squaredNorm(x)).isCloseTo(squares, within(10 * tolerance(precision)));
    double[][] scaled = values(x);
    for (int j = 0; j < 5; j++) {
      scaled[1][j] *= -2;
      scaled[2][j] = 0;
    }
    kernels.scaleRows(new double[] {1, -2, 0}, x);
    assertClose(x, scaled);
  }

  private Tensor strided(Precision precision, int rows, int cols) {
    Tensor x = new Arena(precision).allocate(rows + 2, cols + 3).view(1, rows, 2, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        x.set(i, j, random.nextGaussian());
      }
    }
    return x;
  }

  private static double cdf(double x) {
    return Erf.erfc(-x / Math.sqrt(2)) / 2;
  }

  private static double[][] values(Tensor x) {
    double[][] values = new double[x.rows()][x.cols()];
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        values[i][j] = x.at(i, j);
      }
    }
    return values;
  }

  private static void assertMap(Tensor y, Tensor x, Tensor dy, DoubleBinaryOperator f) {
    double[][] expected = values(x);
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        expected[i][j] = f.applyAsDouble(x.at(i, j), dy.at(i, j));
      }
    }
    assertClose(y, expected);
  }

  private static void assertClose(Tensor found, double[][] expected) {
    for (int i = 0; i < found.rows(); i++) {
      for (int j = 0; j < found.cols(); j++) {
        assertThat(found.at(i, j))
            .as("seed %d, element (%d, %d)", SEED, i, j)
            .isCloseTo(expected[i][j], within(tolerance(found.precision())));
      }
    }
  }

  private static double tolerance(Precision precision) {
    return precision == Precision.FLOAT32 ? 3e-6 : 1e-12;
  }
}
