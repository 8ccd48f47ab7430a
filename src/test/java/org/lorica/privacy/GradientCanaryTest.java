package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Zero data and one canary whose gradient is 10·C·u: over 2,000 steps ⟨noisy sum, u⟩/C must be N(1,
 * σ²) with the canary and N(0, σ²) without. Kolmogorov–Smirnov, false-alarm rate 1e-5 a check; four
 * broken mechanisms must be caught.
 */
class GradientCanaryTest {
  private static final double FALSE_ALARM = 1e-5;
  private static final double C = 0.7;
  private static final double SIGMA = 1.3;
  private static final int STEPS = 2000;
  private static final int WIDTH = 8;
  private static final int BATCH = 4;
  private static final RandomKey KEY = RandomKey.root(20261121).with(Purpose.CANARY);

  /** One step: adds the clipped canary and the noise to a zero sum. */
  private interface Mechanism {
    void step(int step, double[] canary, double[] sum);
  }

  private static void sound(int step, double[] canary, double[] sum) {
    add(new Clipper(C).factor(norm(canary)), canary, sum);
    new GaussianNoiser(SIGMA, new Clipper(C).sensitivity()).addNoiseInPlace(KEY.with(step), sum);
  }

  private static void add(double factor, double[] canary, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * canary[i];
    }
  }

  private static double norm(double[] v) {
    double sum = 0;
    for (double x : v) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }

  private static double pValue(Mechanism mechanism, double canaryNorm, double mean) {
    double[] scores = new double[STEPS];
    for (int step = 0; step < STEPS; step++) {
      double[] canary = new double[WIDTH];
      canary[3] = canaryNorm;
      double[] sum = new double[WIDTH];
      mechanism.step(step, canary, sum);
      scores[step] = sum[3] / C;
    }
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(new NormalDistribution(null, mean, SIGMA), scores);
  }

  @Test
  void theCanaryMovesTheNoisySumByExactlyTheSensitivity() {
    assertThat(pValue(GradientCanaryTest::sound, 10 * C, 1)).isGreaterThan(FALSE_ALARM);
    assertThat(pValue(GradientCanaryTest::sound, 0, 0)).isGreaterThan(FALSE_ALARM);
    assertThat(pValue(GradientCanaryTest::sound, 10 * C, 0)).isLessThan(FALSE_ALARM);
  }

  @Test
  void noiseThatIsOffHalvedOrPutOnTheMeanIsCaught() {
    assertThat(pValue(broken(0), 10 * C, 1)).isLessThan(FALSE_ALARM);
    assertThat(pValue(broken(0.5), 10 * C, 1)).isLessThan(FALSE_ALARM);
    assertThat(pValue(broken(1.0 / BATCH), 10 * C, 1)).isLessThan(FALSE_ALARM);
  }

  private static Mechanism broken(double share) {
    return (step, canary, sum) -> {
      add(new Clipper(C).factor(norm(canary)), canary, sum);
      new GaussianNoiser(SIGMA * share, C).addNoiseInPlace(KEY.with(step), sum);
    };
  }

  @Test
  void aMissingClipIsCaught() {
    Mechanism unclipped =
        (step, canary, sum) -> {
          add(1, canary, sum);
          new GaussianNoiser(SIGMA, C).addNoiseInPlace(KEY.with(step), sum);
        };
    assertThat(pValue(unclipped, 10 * C, 1)).isLessThan(FALSE_ALARM);
  }

  @Test
  void aGradientThatIsNotFiniteContributesNothing() {
    assertThat(new Clipper(C).factor(Double.NaN)).isZero();
    assertThat(new Clipper(C).factor(Double.POSITIVE_INFINITY)).isZero();
    assertThat(new Clipper(C).factor(C)).isEqualTo(1);
    assertThat(new Clipper(C).factor(2 * C)).isEqualTo(0.5);
  }
}
