package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.random.Draws;
import org.lorica.random.RandomKey;
import org.lorica.random.SecretKey;

/** Statistical checks at a false-alarm rate of 1e-5 each. */
class DiscreteGaussianTest {
  private static final double FALSE_ALARM = 1e-5;
  private static final RandomKey KEY = RandomKey.root(7);

  /** χ² of the counts against e^(−x²/2s²), normalised by a direct sum. */
  private static double pValue(int scaleBits, double assumedScale, int draws) {
    int reach = 4 * (1 << scaleBits);
    long[] counts = new long[2 * reach + 1];
    Draws source = KEY.with(scaleBits).draws();
    DiscreteGaussian noise = new DiscreteGaussian(scaleBits);
    for (int i = 0; i < draws; i++) {
      long x = noise.sample(source);
      if (Math.abs(x) <= reach) {
        counts[(int) x + reach]++;
      }
    }
    double total = 0;
    for (long x = -20L * reach; x <= 20L * reach; x++) {
      total += Math.exp(-x * x / (2 * assumedScale * assumedScale));
    }
    double statistic = 0;
    int cells = 0;
    for (int x = -reach; x <= reach; x++) {
      double expected = draws * Math.exp(-x * x / (2 * assumedScale * assumedScale)) / total;
      if (expected > 10) {
        statistic += Math.pow(counts[x + reach] - expected, 2) / expected;
        cells++;
      }
    }
    return 1 - new ChiSquaredDistribution(null, cells - 1).cumulativeProbability(statistic);
  }

  @ParameterizedTest(name = "s = 2^{0}")
  @ValueSource(ints = {1, 2, 4})
  void everyIntegerHasItsProbabilityAndAWrongScaleIsCaught(int scaleBits) {
    double scale = 1 << scaleBits;
    assertThat(pValue(scaleBits, scale, 200_000)).isGreaterThan(FALSE_ALARM);
    assertThat(pValue(scaleBits, scale * 1.03, 200_000)).isLessThan(FALSE_ALARM);
  }

  private static double[] noise(double sigma, double sensitivity, SecretKey key) {
    double[] values = new double[20_000];
    new DiscreteGaussianNoiser(sigma, sensitivity).addNoiseInPlace(key, values);
    return values;
  }

  private static double normalPValue(double[] values, double deviation) {
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(new NormalDistribution(null, 0, deviation), values);
  }

  @Test
  void secureNoiseHasTheRightScaleAndTwoThirdsOrThreeHalvesOfItAreRejected() {
    double[] values = noise(1.3, 0.5, SecretKey.fresh());
    assertThat(normalPValue(values, 0.65)).isGreaterThan(FALSE_ALARM);
    assertThat(normalPValue(values, 0.65 * 2 / 3)).isLessThan(FALSE_ALARM);
    assertThat(normalPValue(values, 0.65 * 3 / 2)).isLessThan(FALSE_ALARM);
  }

  @Test
  void theSameKeyGivesTheSameNoiseAndAnotherKeyOther() {
    SecretKey key = SecretKey.fresh();
    assertThat(noise(1, 1, key)).isEqualTo(noise(1, 1, key));
    assertThat(noise(1, 1, key)).isNotEqualTo(noise(1, 1, key.with(1)));
  }

  @Test
  void contributionsOnTheGridNeverExceedTheSensitivity() {
    DiscreteGaussianNoiser noiser = new DiscreteGaussianNoiser(3, 0.7);
    int width = 5000;
    double clip = noiser.clip(width);
    assertThat(clip).isBetween(0.69, 0.7);
    for (int trial = 0; trial < 50; trial++) {
      double[] contribution = new double[width];
      KEY.with(trial).addGaussiansInPlace(1, contribution);
      scaleTo(contribution, clip * (1 + 1e-7)); // as float norms may be off
      noiser.roundInPlace(contribution);
      double steps = 0.7 / (3 * 0.7 / (1 << 20));
      assertThat(norm(contribution)).isLessThanOrEqualTo(steps).isGreaterThan(steps * 0.99);
      for (double value : contribution) {
        assertThat(value).isEqualTo(Math.rint(value));
      }
    }
  }

  private static double norm(double[] v) {
    double sum = 0;
    for (double x : v) {
      sum += x * x;
    }
    return Math.sqrt(sum);
  }

  private static void scaleTo(double[] v, double norm) {
    double factor = norm / norm(v);
    for (int i = 0; i < v.length; i++) {
      v[i] *= factor;
    }
  }

  @Test
  void moreNoiseThanTheGridCanCarryIsRefused() {
    assertThatThrownBy(() -> new DiscreteGaussianNoiser(1e4, 1).clip(1_000_000))
        .hasMessageContaining("too great for 1000000 values");
  }

  /** Integer orders are valid, slightly loose: between all orders and 2 % above. */
  @Test
  void integerOrdersBoundAllOrdersFromAbove() {
    SampledGaussian step = new SampledGaussian(0.1, 1.4);
    double all = new RdpAccountant().epsilon(step, 200, 1e-5);
    assertThat(RdpAccountant.integerOrders().epsilon(step, 200, 1e-5)).isBetween(all, 1.02 * all);
  }
}
