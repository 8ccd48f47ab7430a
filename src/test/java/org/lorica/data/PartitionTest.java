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
}
