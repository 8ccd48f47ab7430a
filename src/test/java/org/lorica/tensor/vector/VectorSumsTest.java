package org.lorica.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorSumsTest {
  private static final double SCALE = 0.37 * 0x1p42;

  private final SplittableRandom random = new SplittableRandom(11);
  private final double[] values = random.doubles(1003, -100, 100).toArray();
  private final long[] totals = random.longs(1010, -1000, 1000).toArray();

  @Test
  void termsAreRoundedAsRintDoes() {
    values[5] = 0.5 / SCALE;
    values[6] = 1.5 / SCALE;
    long[] expected = totals.clone();
    for (int i = 1; i < values.length; i++) {
      expected[i + 6] += (long) Math.rint(values[i] * SCALE);
    }
    assertThat(VectorSums.addRounded(values, 1, values.length, SCALE, totals, 7))
        .isEqualTo(VectorSums.Added.ALL);
    assertThat(totals).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MAX_VALUE,
        0x1.0000001p51 / SCALE,
        -0x1.0000001p51 / SCALE
      })
  void aValueThatDoesNotFitLeavesTheTotals(double bad) {
    for (int place : new int[] {0, 17, 1000, 1002}) { // among vectors and after them
      double[] with = values.clone();
      with[place] = bad;
      long[] before = totals.clone();
      assertThat(VectorSums.addRounded(with, 0, with.length, SCALE, totals, 3))
          .isEqualTo(VectorSums.Added.NONE);
      assertThat(totals).isEqualTo(before);
    }
  }

  @Test
  void anOverflowIsSeen() {
    for (int place : new int[] {0, 17, 1002}) {
      long[] full = totals.clone();
      full[place] = values[place] > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
      assertThat(VectorSums.addRounded(values, 0, values.length, SCALE, full, 0))
          .isEqualTo(VectorSums.Added.OVERFLOWED);
    }
  }
}
