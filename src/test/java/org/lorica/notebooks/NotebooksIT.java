package org.lorica.notebooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every notebook, cell by cell, in Scala's REPL with Spark: what a notebook server does. */
class NotebooksIT {
  private static final Path NOTEBOOKS = Path.of("notebooks");

  /** The session that a notebook server, or Spark's shell, has ready. */
  private static final String PREAMBLE =
      """
      val spark = org.apache.spark.sql.SparkSession.builder().getOrCreate()
      val sc = spark.sparkContext
      """;

  private static final String END =
      """
      spark.stop()
      println("the end " + "is reached")
      """;

  /** How the REPL shows what went wrong. */
  private static final String BROKEN = "error:|Exception:";

  @TempDir private Path dir;

  private String repl(String text) throws IOException, InterruptedException {
    Path classes = Files.createDirectory(dir.resolve("classes"));
    Path temporary = Files.createDirectory(dir.resolve("tmp")); // notebooks make folders there
    Path input = Files.writeString(dir.resolve("input.scala"), text);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("--add-") || a.startsWith("-Dorg.bytedeco"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC", // several at a time
            "-Djava.io.tmpdir=" + temporary,
            "-Dscala.usejavacp=true",
            "-Dspark.master=local[2]",
            "-Dspark.app.name=notebook",
            "-Dspark.ui.enabled=false",
            "-Dspark.log.level=ERROR",
            "-Dspark.sql.shuffle.partitions=4",
            "-Dspark.repl.class.outputDir=" + classes,
            "-cp",
            System.getProperty("java.class.path"),
            "scala.tools.nsc.MainGenericRunner",
            "-usejavacp",
            "-Yrepl-class-based",
            "-Yrepl-outdir",
            classes.toString()));
    Path output = dir.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("LORICA_HOME", Path.of("").toAbsolutePath().toString());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  private String run(String name) throws IOException, InterruptedException {
    String notebook = Files.readString(NOTEBOOKS.resolve(name));
    assertThat(notebook).startsWith("// Databricks notebook source\n");
    String outside = Files.readString(NOTEBOOKS.resolve("outside_databricks.scala"));
    String output = repl(PREAMBLE + outside + notebook + END);
    assertThat(output).doesNotContainPattern(BROKEN);
    assertThat(output).contains("the end is reached");
    return output;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "quickstart.scala, Privacy: ε",
    "client_counts.scala, 6 of 6 cells done",
    "privacy.scala, PASS",
    "own_model_and_table.scala, same predictions: true"
  })
  @Execution(CONCURRENT)
  void aNotebookRunsFromItsFirstCellToItsLast(String name, String shown)
      throws IOException, InterruptedException {
    assertThat(run(name)).contains(shown);
    if (Files.readString(NOTEBOOKS.resolve(name)).contains("displayHTML")) {
      assertThat(dir.resolve("notebook-1.html")).content().startsWith("<img src=\"data:image/png");
    }
  }

  /** The REPL ends with 0 whatever happened: a broken cell must be seen all the same. */
  @Test
  void aBrokenCellIsSeen() throws IOException, InterruptedException {
    String output = repl("val x: Int = \"text\"\nval y = List[Int]().head\n");
    assertThat(Pattern.compile(BROKEN).matcher(output).results().map(MatchResult::group))
        .contains("error:", "Exception:");
  }

  @Test
  void everyNotebookIsTested() throws IOException {
    try (Stream<Path> files = Files.list(NOTEBOOKS)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(".scala")))
          .containsExactlyInAnyOrder(
              "quickstart.scala",
              "client_counts.scala",
              "privacy.scala",
              "own_model_and_table.scala",
              "outside_databricks.scala");
    }
  }
}
