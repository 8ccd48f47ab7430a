package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lorica.random.RandomKey;

class PartitionTest {
  private static final int CLASSES = 5;
  private static final List<Integer> LABELS =
      IntStream.range(0, 1000).map(i -> i % CLASSES).boxed().toList();
  private static final RandomKey KEY = RandomKey.root(3);

  private static void assertCoversAllOnce(Partition partition, int records) {
    List<Integer> all = new ArrayList<>();
    for (int c = 0; c < partition.clients(); c++) {
      assertThat(partition.of(c)).isSorted();
      all.addAll(partition.of(c));
    }
    assertThat(all).hasSize(records).doesNotHaveDuplicates();
  }

  @Test
  void everyRecordGoesToExactlyOneClient() {
    assertCoversAllOnce(DealtPartition.iid(1000, 7, KEY), 1000);
    assertCoversAllOnce(DealtPartition.dirichlet(LABELS, 10, 0.5, 1, KEY), 1000);
    assertCoversAllOnce(DealtPartition.dirichletByClient(LABELS, 10, 0.5, KEY), 1000);
    assertCoversAllOnce(DealtPartition.quantitySkew(1000, 13, 1, 5, KEY), 1000);
    assertCoversAllOnce(DealtPartition.pathological(LABELS, 33, 2, KEY), 1000);
  }

  @Test
  void theSameKeyGivesTheSamePartitionAndAnotherKeyAnother() {
    List<Integer> first = DealtPartition.dirichlet(LABELS, 10, 0.5, 1, KEY).of(0);
    assertThat(DealtPartition.dirichlet(LABELS, 10, 0.5, 1, KEY).of(0)).isEqualTo(first);
    assertThat(DealtPartition.dirichlet(LABELS, 10, 0.5, 1, RandomKey.root(4)).of(0))
        .isNotEqualTo(first);
  }

  @Test
  void aSmallAlphaSkewsLabelsMoreThanALargeOne() {
    double skewed = meanVariation(DealtPartition.dirichlet(LABELS, 10, 0.2, 1, KEY));
    double even = meanVariation(DealtPartition.dirichlet(LABELS, 10, 100, 1, KEY));
    assertThat(skewed).isGreaterThan(0.3);
    assertThat(even).isLessThan(0.15);
  }

  /** Mean over clients of the total variation between their label shares and the uniform ones. */
  private static double meanVariation(Partition partition) {
    double sum = 0;
    for (int c = 0; c < partition.clients(); c++) {
      List<Integer> mine = partition.of(c);
      for (int label = 0; label < CLASSES; label++) {
        int wanted = label;
        long count = mine.stream().filter(i -> LABELS.get(i) == wanted).count();
        sum += Math.abs((double) count / mine.size() - 1.0 / CLASSES) / 2;
      }
    }
    return sum / partition.clients();
  }

  @Test
  void theLeastNumberOfExamplesIsKeptOrRefusedWithItsKeys() {
    Partition partition = DealtPartition.dirichlet(LABELS, 10, 0.5, 20, KEY);
    for (int c = 0; c < 10; c++) {
      assertThat(partition.of(c)).hasSizeGreaterThanOrEqualTo(20);
    }
    assertThatThrownBy(() -> DealtPartition.dirichlet(LABELS, 10, 0.05, 95, KEY))
        .hasMessageContaining("clients.min-examples")
        .hasMessageContaining("clients.count");
  }

  @Test
  void naturalClientsKeepTheirOrderAndSmallOnesDropOut() {
    Partition partition = DealtPartition.natural(List.of("b", "a", "b", "c", "a"), 2);
    assertThat(partition.clients()).isEqualTo(2);
    assertThat(partition.of(0)).containsExactly(0, 2);
    assertThat(partition.limited(1, 1).of(0)).containsExactly(0);
    assertThatThrownBy(() -> partition.limited(3, 0))
        .hasMessageContaining("clients.count must be <= 2");
  }

  @Test
  void sizesSayHowManyRecordsAClientHas() {
    for (Partition partition :
        List.of(
            DealtPartition.iid(1000, 7, KEY),
            DealtPartition.quantitySkew(1000, 13, 1, 5, KEY),
            DealtPartition.pathological(LABELS, 33, 2, KEY),
            DealtPartition.iid(1000, 7, KEY).capped(100, KEY))) {
      long total = 0;
      for (int c = 0; c < partition.clients(); c++) {
        assertThat(partition.of(c)).hasSize(partition.size(c)).doesNotHaveDuplicates();
        total += partition.size(c);
      }
      assertThat(partition.records()).isEqualTo(total);
    }
  }

  @Test
  void dirichletByClientGivesEqualSizesAndSkewedLabels() {
    Partition skewed = DealtPartition.dirichletByClient(LABELS, 10, 0.2, KEY);
    assertThat(skewed.sizes()).containsExactly(100);
    assertThat(meanVariation(skewed)).isGreaterThan(0.3);
    assertThat(meanVariation(DealtPartition.dirichletByClient(LABELS, 10, 100, KEY)))
        .isLessThan(0.15);
  }

  /** Deviation of 500 logarithms within 4.5 of its own deviations, 1/√1000. */
  @Test
  void quantitySkewGivesLogNormalSizesAndKeepsTheLeast() {
    Partition skewed = DealtPartition.quantitySkew(100_000, 500, 1, 1, KEY);
    double[] logs = IntStream.range(0, 500).mapToDouble(c -> Math.log(skewed.size(c))).toArray();
    double mean = java.util.Arrays.stream(logs).average().orElseThrow();
    double square = java.util.Arrays.stream(logs).map(l -> (l - mean) * (l - mean)).sum() / 499;
    assertThat(Math.sqrt(square)).isBetween(1 - 4.5 / Math.sqrt(1000), 1 + 4.5 / Math.sqrt(1000));
    assertThat(DealtPartition.quantitySkew(1000, 20, 1.2, 10, KEY).sizes())
        .allMatch(size -> size >= 10);
  }

  @Test
  void pathologicalClientsSeeFewLabels() {
    Partition partition = DealtPartition.pathological(LABELS, 50, 2, KEY);
    for (int c = 0; c < 50; c++) {
      assertThat(partition.of(c).stream().map(LABELS::get).distinct().count()).isLessThan(4);
    }
    assertThat(meanVariation(partition)).isGreaterThan(0.5);
  }

  /** A list sorted by label, cut to its first records, would lose whole labels. */
  @Test
  void aCapTakesRecordsAtRandom() {
    List<Integer> sorted = LABELS.stream().sorted().toList();
    Partition capped = DealtPartition.iid(1000, 2, KEY).capped(50, KEY);
    assertThat(capped.of(0)).hasSize(50);
    assertThat(capped.of(0).stream().map(sorted::get).distinct().count()).isEqualTo(CLASSES);
  }
}
