package org.lorica.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lorica.tensor.Matrix;

class FixedPointSumTest {
  private static final long SEED = 20261121;

  @Test
  void anyOrderAndAnyGroupingGiveTheSameBits() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    List<Matrix> terms = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      terms.add(Matrix.of(2, 3, random.doubles(6, -1, 1).map(v -> v * Math.exp(9 * v)).toArray()));
    }
    double[] expected = sum(terms, 1);
    for (int groups : new int[] {1, 2, 7, 64}) {
      Collections.shuffle(terms, random);
      assertThat(sum(terms, groups)).containsExactly(expected);
    }
    double exact = terms.stream().mapToDouble(m -> m.at(0, 0)).sum();
    assertThat(expected[0])
        .isCloseTo(exact / terms.size(), org.assertj.core.data.Offset.offset(1e-10));
  }

  private static double[] sum(List<Matrix> terms, int groups) {
    List<FixedPointSum> parts = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      parts.add(new FixedPointSum());
    }
    for (int i = 0; i < terms.size(); i++) {
      parts.get(i % groups).addInPlace(List.of(terms.get(i)), 1.0 / terms.size());
    }
    FixedPointSum total = new FixedPointSum();
    parts.forEach(total::mergeInPlace);
    return total.toMatrices().get(0).toArray();
  }

  @Test
  void mergingAnEmptySumChangesNothingOnEitherSide() {
    Matrix one = Matrix.of(1, 1, new double[] {1.5});
    FixedPointSum sum = new FixedPointSum().addInPlace(List.of(one), 1);
    sum.mergeInPlace(new FixedPointSum());
    assertThat(sum.toMatrices().get(0).at(0, 0)).isEqualTo(1.5);
    FixedPointSum empty = new FixedPointSum().mergeInPlace(sum);
    sum.addInPlace(List.of(one), 1);
    assertThat(empty.toMatrices().get(0).at(0, 0)).isEqualTo(1.5);
  }

  /** Ties, tiny, large and ordinary values; sizes around a vector's; against Math.rint. */
  @Test
  void everyValueIsRoundedAsRintRoundsIt() {
    Random random = new Random(SEED);
    for (int size : new int[] {1, 2, 7, 8, 9, 31, 64, 1001}) {
      for (double scale : new double[] {0x1p-43, 1e-9, 1, 300, 500, 5e5}) {
        double[] values = random.doubles(size, -scale, scale).toArray();
        values[0] = 1.5 * 0x1p-42; // a tie
        double weight = 0.75;
        FixedPointSum sum = new FixedPointSum();
        double[] expected = new double[size];
        for (int round = 0; round < 3; round++) {
          sum.addInPlace(List.of(Matrix.of(1, size, values)), weight);
          for (int i = 0; i < size; i++) {
            expected[i] += Math.rint(values[i] * weight * 0x1p42);
          }
        }
        double[] found = sum.toMatrices().get(0).toArray();
        for (int i = 0; i < size; i++) {
          assertThat(found[i]).as("seed %d, size %d", SEED, size).isEqualTo(expected[i] / 0x1p42);
        }
      }
    }
  }

  @Test
  void aTotalThatLeavesTheGridIsAnErrorAndNotAWrongNumber() {
    Matrix most = Matrix.of(1, 1, new double[] {0x1p20 - 1});
    FixedPointSum sum = new FixedPointSum().addInPlace(List.of(most), 1);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 3; i++) {
                sum.mergeInPlace(sum);
              }
            })
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void aValueThatIsNotFiniteIsRefusedWithTheKeyToTurn() {
    Matrix bad = Matrix.of(1, 1, new double[] {Double.NaN});
    assertThatThrownBy(() -> new FixedPointSum().addInPlace(List.of(bad), 1))
        .hasMessageContaining("optimizer.learning-rate");
  }
}
