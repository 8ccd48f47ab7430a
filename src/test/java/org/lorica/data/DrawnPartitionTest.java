package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lorica.random.RandomKey;

/** A million clients that exist only when asked for. */
class DrawnPartitionTest {
  private static final int MILLION = 1_000_000;
  private static final int CLASSES = 8;
  private static final List<Integer> LABELS =
      IntStream.range(0, 4000).map(i -> (int) Math.sqrt(i % 64)).boxed().toList(); // unequal
  private static final DrawnPartition.Sizes EQUAL = DrawnPartition.Sizes.equal(40);

  enum Scheme {
    IID,
    DIRICHLET,
    QUANTITY_SKEW,
    PATHOLOGICAL;

    Partition make(long seed) {
      RandomKey key = RandomKey.root(seed);
      return switch (this) {
        case IID -> DrawnPartition.iid(LABELS.size(), MILLION, EQUAL, key);
        case DIRICHLET -> DrawnPartition.dirichlet(LABELS, MILLION, 0.3, EQUAL, key);
        case QUANTITY_SKEW ->
            DrawnPartition.iid(
                LABELS.size(), MILLION, new DrawnPartition.Sizes(40, 1, 8, 500), key);
        case PATHOLOGICAL -> DrawnPartition.pathological(LABELS, MILLION, 2, EQUAL, key);
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Scheme.class)
  void aClientIsAFunctionOfSeedAndNumberAndHoldsARecordOnce(Scheme scheme) {
    Partition partition = scheme.make(3);
    Partition again = scheme.make(3);
    Partition other = scheme.make(4);
    int differing = 0;
    for (int client : new int[] {999_999, 0, 77, 123_456}) {
      List<Integer> mine = partition.of(client);
      assertThat(mine).hasSize(partition.size(client)).doesNotHaveDuplicates().isSorted();
      assertThat(mine).allMatch(r -> r >= 0 && r < LABELS.size());
      assertThat(again.of(client)).isEqualTo(mine);
      differing += other.of(client).equals(mine) ? 0 : 1;
    }
    assertThat(differing).isEqualTo(4);
    assertThat(partition.overlapping()).isTrue();
  }

  /**
   * Every record is drawn as often: χ² over 50 cells of 80 records, 20,000 draws of iid clients; 49
   * degrees of freedom, above 105 with probability 1e-5 at most.
   */
  @Test
  void iidClientsDrawEveryRecordAlike() {
    Partition partition = Scheme.IID.make(5);
    int[] cells = new int[50];
    for (int client = 0; client < 500; client++) {
      partition.of(client).forEach(r -> cells[r / 80]++);
    }
    double square = 0;
    for (int count : cells) {
      square += Math.pow(count - 400, 2) / 400;
    }
    assertThat(square).isLessThan(105);
  }

  /** Mean share of a label over 4,000 clients is that of the pool; 4.5 deviations of Dir(α·K·p). */
  @Test
  void dirichletClientsAreSkewedButTogetherLikeThePool() {
    Partition partition = Scheme.DIRICHLET.make(6);
    double[] share = new double[CLASSES];
    double squares = 0;
    for (int client = 0; client < 4000; client++) {
      Map<Integer, Integer> counts = counts(partition.of(client));
      counts.forEach((label, count) -> share[label] += count / 40.0 / 4000);
      squares += counts.values().stream().mapToDouble(c -> Math.pow(c / 40.0, 2)).sum() / 4000;
    }
    for (int label = 0; label < CLASSES; label++) {
      int wanted = label;
      double p = LABELS.stream().filter(l -> l == wanted).count() / 4000.0;
      double variance = p * (1 - p) * (1 / (0.3 * CLASSES + 1) + 1 / 40.0);
      assertThat(share[label]).isCloseTo(p, within(4.5 * Math.sqrt(variance / 4000)));
    }
    assertThat(squares).as("concentration of a client's labels").isGreaterThan(0.35);
  }

  private static Map<Integer, Integer> counts(List<Integer> records) {
    Map<Integer, Integer> counts = new HashMap<>();
    records.forEach(r -> counts.merge(LABELS.get(r), 1, Integer::sum));
    return counts;
  }

  @Test
  void pathologicalClientsSeeTwoLabels() {
    Partition partition = Scheme.PATHOLOGICAL.make(7);
    for (int client = 0; client < 200; client++) {
      assertThat(counts(partition.of(client))).hasSizeBetween(1, 2);
    }
  }

  /** Mean of 20,000 log-normal sizes within 5 deviations; all within the limits. */
  @Test
  void sizesAreLogNormalAndHeldToTheirLimits() {
    Partition wide =
        DrawnPartition.iid(
            100_000, MILLION, new DrawnPartition.Sizes(40, 0.5, 1, 100_000), RandomKey.root(1));
    double mean = IntStream.range(0, 20_000).map(wide::size).average().orElseThrow();
    double deviation = 40 * Math.sqrt(Math.exp(0.25) - 1) / Math.sqrt(20_000);
    assertThat(mean).isCloseTo(40, within(5 * deviation + 0.01));
    Partition held = Scheme.QUANTITY_SKEW.make(1);
    assertThat(IntStream.range(0, 20_000).map(held::size)).allMatch(n -> n >= 8 && n <= 500);
  }

  @Test
  void sizesOfAllClientsAreKnownWithoutDrawingTheirRecords() {
    assertThat(Scheme.IID.make(1).sizes()).containsExactly(40);
    assertThat(Scheme.IID.make(1).records()).isEqualTo(40L * MILLION);
    Partition skewed = Scheme.QUANTITY_SKEW.make(1);
    long plain = 0;
    for (int client = 0; client < MILLION; client++) {
      plain += skewed.size(client);
    }
    assertThat(skewed.records()).isEqualTo(plain);
    assertThat(skewed.sizes().count()).isLessThan(494);
  }

  /** Memory: the partition of a million clients is as small as that of ten. */
  @Test
  void nothingIsKeptForAClient() {
    List<Partition> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) { // a billion clients: would not fit by far
      many.add(DrawnPartition.iid(LABELS.size(), MILLION, EQUAL, RandomKey.root(i)));
    }
    assertThat(many.get(999).of(MILLION - 1)).hasSize(40);
  }

  @Test
  void moreExamplesThanCanBeDrawnAreRefusedWithTheKey() {
    assertThatThrownBy(
            () ->
                DrawnPartition.pathological(
                    LABELS, 5, 1, DrawnPartition.Sizes.equal(1000), RandomKey.root(1)))
        .hasMessageContaining("clients.examples must leave no client with more than 63");
    assertThatThrownBy(() -> DrawnPartition.iid(10, 0, EQUAL, RandomKey.root(1)))
        .hasMessage("clients.count must be > 0, got 0");
  }
}
