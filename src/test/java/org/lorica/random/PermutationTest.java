package org.lorica.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
  private static final RandomKey KEY = RandomKey.root(9);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 64, 1000, 65_536, 65_537, 1_000_000})
  void everyNumberComesExactlyOnce(int size) {
    for (Permutation permutation :
        new Permutation[] {Permutation.of(KEY, size), Permutation.feistel(KEY, size)}) {
      BitSet seen = new BitSet(size);
      for (int i = 0; i < size; i++) {
        seen.set(permutation.at(i));
      }
      assertThat(seen.cardinality()).isEqualTo(size);
      assertThat(seen.length()).isEqualTo(size);
    }
  }

  @Test
  void theSameKeyGivesTheSamePermutationAndAnotherKeyAnother() {
    Permutation one = Permutation.feistel(KEY, 100_000);
    Permutation again = Permutation.feistel(RandomKey.root(9), 100_000);
    Permutation other = Permutation.feistel(KEY.with(1), 100_000);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
      assertThat(again.at(i)).isEqualTo(one.at(i));
      same += one.at(i) == other.at(i) ? 1 : 0;
    }
    assertThat(same).isLessThan(10);
  }

  /**
   * χ² of (position, value) over 20,000 keys for 6 numbers: 25 degrees of freedom, 71.3 is exceeded
   * with probability 1e-5 at most. A permutation that only rotates by a keyed amount passes as
   * well, so pairs are tested too.
   */
  @Test
  void everyNumberIsAsLikelyEverywhere() {
    int n = 6;
    int keys = 20_000;
    int[][] single = new int[n][n];
    int[][] pairs = new int[n][n];
    for (int k = 0; k < keys; k++) {
      Permutation permutation = Permutation.feistel(KEY.with(k), n);
      for (int i = 0; i < n; i++) {
        single[i][permutation.at(i)]++;
      }
      pairs[permutation.at(0)][permutation.at(1)]++;
    }
    assertThat(chiSquare(single, keys / (double) n, 0)).isLessThan(71.3);
    double pair = keys / (double) (n * (n - 1));
    assertThat(chiSquare(pairs, pair, 1)).isLessThan(78.5); // 29 degrees
    int[][] rotated = new int[n][n];
    for (int k = 0; k < keys; k++) {
      int by = KEY.with(k).integer(0, n);
      rotated[by][(by + 1) % n]++;
    }
    assertThat(chiSquare(rotated, pair, 1)).as("a broken variant").isGreaterThan(1000);
  }

  private static double chiSquare(int[][] counts, double expected, int skipDiagonal) {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts.length; j++) {
        if (skipDiagonal == 0 || i != j) {
          sum += Math.pow(counts[i][j] - expected, 2) / expected;
        }
      }
    }
    return sum;
  }

  @Test
  void aSmallPermutationIsTheFisherYatesTableOfItsKey() {
    int[] table = KEY.draws().permutation(100);
    Permutation permutation = Permutation.of(KEY, 100);
    int[] asked = new int[100];
    Arrays.setAll(asked, permutation::at);
    assertThat(asked).isEqualTo(table);
    assertThatThrownBy(() -> permutation.at(100)).hasMessageContaining("0 to 99, got 100");
  }

  @Test
  void secretKeysPermuteToo() {
    byte[] bytes = new byte[32];
    Permutation permutation = Permutation.of(SecretKey.of(bytes), 70_000);
    BitSet seen = new BitSet();
    for (int i = 0; i < 70_000; i++) {
      seen.set(permutation.at(i));
    }
    assertThat(seen.cardinality()).isEqualTo(70_000);
  }
}
