package org.lorica.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomKeyTest {
  private static final double FALSE_ALARM = 1e-5;

  /** Known answers of Random123's Philox4x32-10; words packed low first. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0000000000000000, 0000000000000000, e169c58d6627e8d5, 9b00dbd8bc57ac4c",
    "ffffffffffffffff, ffffffffffffffff, ffffffffffffffff, 41c83b0e408f276d, 6d5451fda20bc7c6",
    "85a308d3243f6a88, 0370734413198a2e, 299f31d0a4093822, 94fdccebd16cfe09, 24126ea15001e420"
  })
  void philoxGivesThePublishedBlocks(
      String low, String high, String key, String first, String second) {
    long[] out = new long[2];
    Philox.block(hex(low), hex(high), hex(key), out);
    assertThat(out).containsExactly(hex(first), hex(second));
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  @Test
  void theFastWayToGaussiansGivesTheSameBitsAsOneByOne() {
    RandomKey key = RandomKey.root(7).with(Purpose.NOISE).with(3);
    for (int n : new int[] {0, 1, 2, 7, 100}) {
      double[] fast = new double[n];
      key.addGaussiansInPlace(2.5, fast);
      for (int i = 0; i < n; i++) {
        assertThat(fast[i]).isEqualTo(2.5 * key.gaussian(i));
      }
    }
  }

  /**
   * Kolmogorov–Smirnov at a false-alarm rate of 1e-5; two thirds and three halves of the scale are
   * caught.
   */
  @Test
  void gaussiansHaveUnitScaleAndWrongScalesAreCaught() {
    double[] draws = new double[20_000];
    RandomKey.root(20261121).with(Purpose.NOISE).addGaussiansInPlace(1, draws);
    assertThat(pValue(draws, 1)).isGreaterThan(FALSE_ALARM);
    assertThat(pValue(draws, 2.0 / 3)).isLessThan(FALSE_ALARM);
    assertThat(pValue(draws, 1.5)).isLessThan(FALSE_ALARM);
  }

  private static double pValue(double[] draws, double scale) {
    double[] scaled = Arrays.stream(draws).map(v -> v * scale).toArray();
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(new NormalDistribution(null, 0, 1), scaled);
  }

  @Test
  void differentPathsGiveDifferentBitsAndTheSamePathTheSame() {
    Set<Long> seen = new HashSet<>();
    int paths = 0;
    for (long seed = 0; seed < 3; seed++) {
      for (Purpose purpose : Purpose.values()) {
        for (long a = -2; a < 3; a++) {
          for (long b = 0; b < 3; b++) {
            RandomKey key = RandomKey.root(seed).with(purpose).with(a).with(b);
            assertThat(RandomKey.root(seed).with(purpose).with(a).with(b)).isEqualTo(key);
            seen.add(key.bits(0));
            seen.add(RandomKey.root(seed).with(a).with(purpose).with(b).bits(0));
            paths += 2;
          }
        }
      }
    }
    assertThat(seen).hasSize(paths);
  }

  @Test
  void aPermutationHoldsEveryNumberOnceAndIntegersStayBelowTheirBound() {
    RandomKey key = RandomKey.root(1);
    int[] order = key.permutation(1000);
    assertThat(order[0] == 0 && order[1] == 1 && order[2] == 2).isFalse();
    assertThat(Arrays.stream(order).distinct().count()).isEqualTo(1000);
    for (int i = 0; i < 1000; i++) {
      assertThat(key.integer(i, 7)).isBetween(0, 6);
      assertThat(key.uniform(i)).isGreaterThanOrEqualTo(0).isLessThan(1);
    }
  }
}
