package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.StoredRun;
import org.lorica.report.mlflow.FakeServer;
import org.lorica.testing.TinyScenario;

/** What a run leaves for people and for tables, read as they would. */
class RunOutputsIT {
  @TempDir private static Path dir;
  private static final List<String> CALLS = new ArrayList<>();
  private static Path run;
  private static SparkSession spark;

  @BeforeAll
  static void train() throws IOException {
    TinyScenario scenario = TinyScenario.in(dir);
    try (FakeServer mlflow = new FakeServer()) {
      List<String> arguments =
          scenario.arguments(
              "train", "federation.engine=local", "tracking.mlflow.uri=" + mlflow.address());
      assertThat(Main.execute(arguments.toArray(String[]::new))).isZero();
      CALLS.addAll(mlflow.calls());
    }
    try (Stream<Path> runs = Files.list(dir.resolve("runs"))) {
      run = runs.findFirst().orElseThrow();
    }
    spark =
        SparkSession.builder()
            .master("local[1]")
            .appName("tables")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void theTrackingServerIsToldOfEveryRoundAndGetsTheFiles() {
    assertThat(CALLS.stream().filter(c -> c.equals("runs/log-batch")).count())
        .isGreaterThanOrEqualTo(4 + 1);
    assertThat(CALLS)
        .contains(
            "mlflow-artifacts/artifacts/7/r1/artifacts/adapter/adapter_model.safetensors",
            "mlflow-artifacts/artifacts/7/r1/artifacts/report.html",
            "mlflow-artifacts/artifacts/7/r1/artifacts/privacy.json")
        .endsWith("runs/update");
  }

  @Test
  void theFolderHasPageAndTables() {
    for (String name :
        List.of("report.html", "rounds.parquet", "clients.parquet", "partition.json")) {
      assertThat(run.resolve(name)).exists();
    }
  }

  @Test
  void sparkSqlReadsTheRoundsAsTheyWereWritten() {
    spark
        .read()
        .parquet(run.resolve("rounds.parquet").toString())
        .createOrReplaceTempView("rounds");
    List<Row> rows = spark.sql("select * from rounds order by round").collectAsList();
    StoredRun stored = StoredRun.read(run);
    assertThat(rows).hasSize(4);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      var line = stored.rounds().get(i);
      assertThat(row.<Integer>getAs("round")).isEqualTo(i + 1);
      assertThat(row.<Double>getAs("epsilon")).isEqualTo(line.path("epsilon").asDouble());
      assertThat(row.<Double>getAs("test_loss"))
          .isEqualTo(line.path("quality").path("testLoss").asDouble());
      assertThat(row.<String>getAs("metric")).isEqualTo("accuracy");
      assertThat(row.<String>getAs("status")).isEqualTo("aggregated");
      assertThat(row.<Long>getAs("bytes_up_per_client"))
          .isEqualTo(line.path("traffic").path("bytesUpPerClient").asLong());
    }
  }

  @Test
  void clientsAddUpToTheCohortsAndNoneHasSpentMoreThanIsClaimed() {
    spark
        .read()
        .parquet(run.resolve("clients.parquet").toString())
        .createOrReplaceTempView("clients");
    Row sums =
        spark
            .sql("select count(*), sum(participations), max(epsilon), min(epsilon) from clients")
            .first();
    assertThat(sums.getLong(0)).isEqualTo(9);
    assertThat(sums.getLong(1)).isEqualTo(4 * 7);
    double claimed =
        StoredRun.read(run).extras().privacy().path("epsilon").path("claimed").asDouble();
    assertThat(sums.getDouble(2)).isCloseTo(claimed, within(1e-9));
    assertThat(sums.getDouble(3)).isPositive();
  }

  /** docs/outputs.md names every column, in order. */
  @Test
  void theDocumentedColumnsAreThose() throws IOException {
    String page = Files.readString(Path.of("docs/outputs.md"));
    for (String table : List.of("rounds.parquet", "clients.parquet")) {
      String section = page.substring(page.indexOf("## `" + table + "`"));
      List<String> documented =
          section
              .lines()
              .skip(1)
              .takeWhile(l -> !l.startsWith("## "))
              .filter(l -> l.startsWith("| `"))
              .map(l -> l.replaceFirst("^\\| `([a-z_]+)`.*", "$1"))
              .toList();
      assertThat(documented)
          .isEqualTo(Arrays.asList(spark.read().parquet(run.resolve(table).toString()).columns()));
    }
  }

  @Test
  void reportDrawsTheFiguresOfSeveralRuns() {
    Path figures = dir.resolve("figures");
    assertThat(
            Main.execute("report", run.toString(), run.toString(), "--figures", figures.toString()))
        .isZero();
    assertThat(figures.resolve("metric.png")).exists();
    assertThat(figures.resolve("epsilon.svg")).exists();
    assertThat(Main.execute("report", run.toString(), run.toString())).isEqualTo(1);
    assertThat(Main.execute("report", dir.resolve("nothing").toString())).isEqualTo(1);
  }
}
