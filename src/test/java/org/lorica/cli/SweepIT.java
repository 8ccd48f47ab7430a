package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.ConfigLoader;
import org.lorica.config.Grid;
import org.lorica.config.SweepConfig;
import org.lorica.report.CellResult;
import org.lorica.spark.ResultsFrame;

/** A grid end to end, in one Spark application. */
class SweepIT {
  @TempDir private static Path shared;
  private static SparkSession session;

  @TempDir private Path dir;

  @BeforeAll
  static void start() {
    session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.warehouse.dir", shared.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  private Path sweep(String name, String axes) throws IOException {
    Path file = dir.resolve(name + ".conf");
    Files.writeString(
        file,
        """
        sweep {
          name = "%s"
          scenario = "%s"
          out = "%s"
          table = "%s_results"
          set {
            federation.rounds = 1, federation.local-steps = 1, federation.clients-per-round = 4
            clients.count = 8, clients.partitioner = iid, federation.clients-per-partition = 0
            data.max-test-examples = 64, clients.max-examples = 16
            privacy.expected-batch-size = 4
          }
          axes = [ %s ]
        }
        """
            .formatted(
                name,
                Path.of("conf/quickstart.conf").toAbsolutePath(),
                dir.resolve("runs"),
                name,
                axes));
    return file;
  }

  private record Answer(int code, String out) {}

  private static Answer run(Path file, String... more) {
    PrintStream before = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      String[] args =
          Stream.concat(Stream.of("sweep", file.toString()), Stream.of(more))
              .toArray(String[]::new);
      return new Answer(Main.execute(args), captured.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void aGridIsTrainedTabledAndDrawnAndAFailedCellIsSkipped() throws IOException {
    Path file =
        sweep(
            "grid",
            "{ clients.count = [8, 3, 12] }, { strategy.name = [fedask, ffa] }"); // 3 < cohort
    Answer first = run(file);
    assertThat(first.code()).as(first.out()).isEqualTo(1);
    assertThat(first.out()).contains("4 of 6 cells done, 2 failed");
    assertThat(first.out()).contains("cell 3/6 clients.count=3 strategy.name=fedask: failed");

    Path folder = dir.resolve("runs/grid");
    List<String> csv = Files.readAllLines(folder.resolve("results.csv"));
    assertThat(csv).hasSize(7);
    assertThat(csv.get(0)).startsWith("clients.count,strategy.name,status,test-loss,test-accuracy");
    assertThat(folder.resolve("accuracy.png")).isNotEmptyFile();
    assertThat(folder.resolve("seconds.png")).isNotEmptyFile();

    Dataset<Row> parquet = session.read().parquet(dir.resolve("runs/results.parquet").toString());
    assertThat(parquet.where("sweep = 'grid'").count()).isEqualTo(6);
    assertThat(parquet.where("settings['strategy.name'] = 'ffa' and status = 'DONE'").count())
        .isEqualTo(2);
    assertThat(session.table("grid_results").count()).isEqualTo(4);
  }

  /** On YARN a path without a scheme is one of HDFS. */
  @Test
  void theTableGoesBesideTheResultsWhateverTheDefaultFileSystem() {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    String before = hadoop.get("fs.defaultFS");
    hadoop.set("fs.defaultFS", "hdfs://127.0.0.1:1"); // nobody answers there
    try {
      CellResult cell =
          new CellResult("abc", CellResult.Status.DONE, "", Map.of("seed", "1"), Map.of("x", 2.0));
      new ResultsFrame(session, "s", List.of(cell)).writeParquet(dir.resolve("results.parquet"));
    } finally {
      hadoop.set("fs.defaultFS", before);
    }
    assertThat(dir.resolve("results.parquet/sweep=s")).isDirectoryContaining("glob:**.parquet");
  }

  /** A finished cell is not touched, a half-written or deleted one is made again. */
  @Test
  void aSecondCallGoesOnWhereTheFirstStopped() throws IOException {
    Path file = sweep("again", "{ seed = [1, 2, 3] }");
    assertThat(run(file).code()).isZero();
    Path cells = dir.resolve("runs/again/cells");
    List<Path> folders;
    try (Stream<Path> found = Files.list(cells)) {
      folders = found.sorted().toList();
    }
    assertThat(folders).hasSize(3);
    assertThat(folders.get(0)).isDirectoryContaining("glob:**rounds.jsonl");
    FileTime kept = Files.getLastModifiedTime(folders.get(1).resolve("cell.json"));
    String csv = Files.readString(dir.resolve("runs/again/results.csv"));
    Path half = folders.get(0).resolveSibling(folders.get(0).getFileName() + ".incomplete");
    Files.move(folders.get(0), half);
    Files.delete(half.resolve("cell.json"));

    Answer second = run(file);
    assertThat(second.code()).isZero();
    assertThat(second.out().lines().filter(line -> line.endsWith(": …"))).hasSize(1);
    assertThat(Files.getLastModifiedTime(folders.get(1).resolve("cell.json"))).isEqualTo(kept);
    assertThat(half).doesNotExist();
    assertThat(withoutSeconds(Files.readString(dir.resolve("runs/again/results.csv"))))
        .isEqualTo(withoutSeconds(csv));
    assertThat(session.table("again_results").count()).as("no row twice").isEqualTo(3);
  }

  private static List<String> withoutSeconds(String csv) {
    int from = List.of(csv.lines().findFirst().orElseThrow().split(",")).indexOf("seconds-train");
    return csv.lines()
        .map(
            line -> {
              List<String> fields = new java.util.ArrayList<>(List.of(line.split(",", -1)));
              fields.subList(from, from + 3).clear();
              return String.join(",", fields);
            })
        .toList();
  }

  /** Cells at the same time give the same figures as cells one by one. */
  @Test
  void cellsInParallelGiveTheSameFigures() throws IOException {
    Path one = sweep("one", "{ seed = [1, 2] }");
    Path both = sweep("both", "{ seed = [1, 2] }");
    Files.writeString(both, Files.readString(both).replace("axes", "parallel = 2\n  axes"));
    assertThat(run(one).code()).isZero();
    assertThat(run(both).code()).isZero();
    assertThat(withoutSeconds(Files.readString(dir.resolve("runs/both/results.csv"))))
        .isEqualTo(withoutSeconds(Files.readString(dir.resolve("runs/one/results.csv"))));
  }

  @Test
  void theSweepOfTheRepositoryFitsItsScenario() {
    SweepConfig sweep = SweepConfig.load(Path.of("conf/sweep-clients.conf"), List.of());
    for (Grid.Cell cell : sweep.grid().cells()) {
      List<String> all =
          Stream.concat(sweep.overrides().stream(), cell.overrides().stream()).toList();
      assertThat(ConfigLoader.load(sweep.scenario(), all).run().clients().count()).isPositive();
    }
    assertThat(ConfigLoader.load(Path.of("conf/scale.conf"), List.of()).run().clients().count())
        .isEqualTo(1_000_000);
  }
}
