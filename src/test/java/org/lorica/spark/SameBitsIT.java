package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Workbench;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/**
 * Adapters, strategy states, figures and ledger do not depend on how clients are laid over tasks,
 * nor on how sums are added up.
 */
class SameBitsIT {
  @TempDir private static Path dir;
  private static TinyScenario scenario;
  private static RunTrace expected;

  /** 64 clients a round; weights, so that partial sums are not all alike. */
  private static LoadedConfig config(int partitions, int depth, int perPartition) {
    return scenario.load(
        "clients.count=64",
        "federation.clients-per-round=64",
        "federation.rounds=2",
        "federation.weights=examples",
        "federation.partitions=" + partitions,
        "federation.tree-depth=" + depth,
        "federation.clients-per-partition=" + perPartition);
  }

  @BeforeAll
  static void runLocally() throws IOException {
    scenario = TinyScenario.in(dir);
    LoadedConfig config = config(0, 0, 1);
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    expected = RunTrace.of(config, LocalCohort.pool(workbench, 3));
  }

  private static JavaSparkContext context(String master) {
    return new JavaSparkContext(
        new SparkConf()
            .setMaster(master)
            .setAppName("same-bits-it")
            .set("spark.ui.enabled", "false")
            .set("spark.speculation", "true")
            .set("spark.speculation.minTaskRuntime", "0ms")
            .set("spark.speculation.interval", "10ms")
            .set("spark.speculation.multiplier", "1.01")
            .set("spark.speculation.quantile", "0.1"));
  }

  private static void holds(JavaSparkContext context, LoadedConfig config) {
    assertThat(RunTrace.of(config, SparkCohort.pool(context, config)))
        .as(config.run().federation().toString())
        .isEqualTo(expected);
  }

  @Test
  void partitionsDepthsAndPackingChangeNothing() {
    try (JavaSparkContext context = context("local[4]")) {
      for (int partitions : new int[] {1, 2, 7, 64}) {
        for (int depth : new int[] {0, 1, 2, 3}) {
          holds(context, config(partitions, depth, 1));
        }
      }
      holds(context, config(0, 0, 1));
      holds(context, config(0, 0, 16));
      holds(context, config(0, 6, 1));
    }
    try (JavaSparkContext context = context("local[1]")) {
      holds(context, config(7, 2, 1));
      holds(context, config(0, 0, 16));
    }
  }
}
