package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

class BaseUpdateTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(
          List.of(new LoraModule("layer.0.query", 6, 5), new LoraModule("layer.0.key", 3, 9)),
          List.of(new LoraModule("classifier.weight", 3, 5)),
          2,
          4.0);

  @TempDir private Path dir;

  private static Matrix random(long seed, int rows, int cols) {
    double[] values = new double[rows * cols];
    RandomKey.root(seed).addGaussiansInPlace(1, values);
    return Matrix.of(rows, cols, values);
  }

  private static List<LoraFactors> factors(long seed, int rank) {
    return LAYOUT.modules().stream()
        .map(
            m ->
                new LoraFactors(
                    random(seed + m.out(), m.out(), rank), random(seed + m.in(), rank, m.in())))
        .toList();
  }

  private static AdapterSet adapter() {
    float[] values = new float[LAYOUT.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RandomKey.root(99).gaussian(i);
    }
    return AdapterSet.of(LAYOUT, values);
  }

  private static void assertSame(Matrix found, Matrix expected, double tolerance) {
    assertThat(found.minus(expected).norm()).isLessThan(tolerance * expected.norm());
  }

  /** Also when the ranks together exceed the shape, again and again. */
  @Test
  void updatesAddUpExactlyAndNeverGrowBeyondTheShape() {
    BaseUpdate update = BaseUpdate.NONE;
    Matrix[] dense = {Matrix.zeros(6, 5), Matrix.zeros(3, 9)};
    for (int i = 1; i <= 5; i++) {
      List<LoraFactors> more = factors(10L * i, i);
      update = update.plus(more);
      for (int m = 0; m < 2; m++) {
        dense[m] = dense[m].plus(more.get(m).product());
        assertSame(update.factors().get(m).product(), dense[m], 1e-14);
      }
      assertThat(update.factors().get(0).rank()).isLessThanOrEqualTo(5);
      assertThat(update.factors().get(1).rank()).isLessThanOrEqualTo(3);
    }
    BaseUpdate full = update;
    assertThatThrownBy(() -> full.plus(factors(1, 1).subList(0, 1)))
        .hasMessageContaining("factors of 2 modules, got 1");
  }

  @Test
  void anAdapterOverAnUpdateIsOneAdapterOfGreaterRank() {
    AdapterSet plain = adapter();
    assertThat(plain.concatenated()).isSameAs(plain);
    for (int rank : new int[] {1, 4}) {
      AdapterSet folded = plain.withBase(BaseUpdate.NONE.plus(factors(7, rank)));
      AdapterSet whole = folded.concatenated();
      assertThat(whole.layout().ranks()) // no wider than the module's smaller side
          .containsExactly(new LoraRank(rank == 1 ? 3 : 5, 4.0), new LoraRank(3, 4.0));
      assertThat(whole.base().isEmpty()).isTrue();
      for (int m = 0; m < 2; m++) {
        Matrix expected = plain.factors().get(m).product().plus(factors(7, rank).get(m).product());
        assertSame(whole.factors().get(m).product(), expected, 1e-6);
      }
      assertThat(whole.tensors(java.util.Set.of(Role.HEAD)))
          .isEqualTo(plain.tensors(java.util.Set.of(Role.HEAD)));
    }
  }

  /** The digest is part of the noise key: other frozen weights, other sums, other noise. */
  @Test
  void equalityAndDigestSeeTheUpdate() {
    AdapterSet one = adapter().withBase(BaseUpdate.NONE.plus(factors(7, 1)));
    AdapterSet same = adapter().withBase(BaseUpdate.NONE.plus(factors(7, 1)));
    AdapterSet other = adapter().withBase(BaseUpdate.NONE.plus(factors(8, 1)));
    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
    assertThat(one.digest()).isEqualTo(same.digest()).isNotEqualTo(other.digest());
    assertThat(adapter().digest()).isNotEqualTo(one.digest());
    assertThat(one.withFactors(one.factors()).base()).isEqualTo(one.base());
  }

  @Test
  void peftGetsTheWholeUpdateAtTheSameScaling() {
    for (boolean rankStabilized : new boolean[] {false, true}) {
      double alpha = 4 * (rankStabilized ? Math.sqrt(2) : 2);
      PeftConfig config =
          new PeftConfig(
              new LoraRanks(
                  2,
                  alpha,
                  rankStabilized ? LoraRanks.Divisor.ROOT_OF_RANK : LoraRanks.Divisor.RANK),
              List.of("query", "key"),
              new PeftConfig.Origin("SEQ_CLS", "base", List.of("classifier")));
      AdapterSet folded = adapter().withBase(BaseUpdate.NONE.plus(factors(7, 1)));
      PeftAdapter.write(dir, folded, config);
      PeftConfig written = PeftConfig.read(dir);
      assertThat(written.ranks().rank()).isEqualTo(3);
      assertThat(written.ranks().of("query").scaling())
          .isCloseTo(4.0, org.assertj.core.data.Offset.offset(1e-12));
      AdapterLayout wide = folded.concatenated().layout();
      assertThat(PeftAdapter.read(dir, AdapterSet.of(wide, new float[wide.size()])))
          .isEqualTo(folded.concatenated());
    }
  }
}
