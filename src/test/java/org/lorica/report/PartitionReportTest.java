package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.DrawnPartition;
import org.lorica.data.Partition;
import org.lorica.data.PartitionSummary;
import org.lorica.random.RandomKey;

class PartitionReportTest {
  private static final List<Integer> POOL = List.of(0, 0, 0, 2, 2, 5); // labels need not be dense
  private static final RandomKey KEY = RandomKey.root(1);

  @TempDir private Path dir;

  @Test
  void figuresAreThoseCountedByHand() {
    List<List<Integer>> clients = List.of(List.of(0, 0, 0, 2, 2, 5), List.of(0, 0), List.of(5));
    PartitionSummary summary = PartitionSummary.of(3, clients::get, POOL, KEY);
    assertThat(summary.sizes().values()).containsExactly(1.0, 2.0, 6.0);
    assertThat(summary.labels()).isEqualTo(java.util.Map.of(0, 5L, 2, 2L, 5, 2L));
    assertThat(summary.variation().quantile(0)).isZero(); // the whole pool
    assertThat(summary.variation().quantile(0.5)).isCloseTo(0.5, within(1e-12)); // only label 0
    assertThat(summary.variation().quantile(1)).isCloseTo(5.0 / 6, within(1e-12)); // only label 5
  }

  @Test
  void aMillionClientsAreExaminedByASample() {
    Partition partition =
        DrawnPartition.iid(POOL.size(), 1_000_000, DrawnPartition.Sizes.equal(3), KEY);
    PartitionSummary summary =
        PartitionSummary.of(
            1_000_000, c -> partition.of(c).stream().map(POOL::get).toList(), POOL, KEY);
    assertThat(summary.examined()).isEqualTo(10_000);
    long all = summary.labels().values().stream().mapToLong(Long::longValue).sum();
    assertThat(all).isEqualTo(30_000);
    // hypergeometric counts of label 0: deviation 0.67 a client; 4.5 deviations of the sum
    assertThat((double) summary.labels().get(0)).isCloseTo(15_000, within(4.5 * 67.1));
  }

  @Test
  void wordsNumbersAndPictureAreWritten() throws IOException {
    PartitionSummary summary =
        PartitionSummary.of(
            40, c -> IntStream.rangeClosed(0, c % 7).map(i -> 0).boxed().toList(), POOL, KEY);
    PartitionReport report = new PartitionReport(summary, List.of("da", "de"));
    assertThat(report.text())
        .startsWith("40 clients\n")
        .contains("examples of a client")
        .contains("da 100.0 %", "2 0.0 %", "5 0.0 %");
    report.write(dir);
    assertThat(
            Json.tree(Files.readString(dir.resolve("partition.json")))
                .at("/examples/mean")
                .asDouble())
        .isEqualTo(summary.sizes().mean());
    assertThat(ImageIO.read(dir.resolve("partition.png").toFile()).getWidth()).isGreaterThan(1000);
  }
}
