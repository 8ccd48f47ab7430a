package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.SparkSession;
import org.lorica.config.Grid;
import org.lorica.config.LoadedConfig;
import org.lorica.config.SweepConfig;
import org.lorica.report.CellResult;
import org.lorica.report.ReportPage;
import org.lorica.report.ResultsTable;
import org.lorica.report.SweepFigures;
import org.lorica.spark.ResultsFrame;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica sweep}: a grid of trainings in one Spark application. */
@Command(
    name = "sweep",
    description =
        "Trains every cell of a grid, such as conf/sweep-clients.conf; started again, it goes on"
            + " where it stopped.",
    mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Instead of sweep.out: the results are in FOLDER/<sweep.name>.")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    SweepConfig sweep = SweepConfig.load(options.file(), options.overrides());
    Path folder = (out == null ? sweep.target().out() : out).resolve(sweep.target().name());
    CellRunner runner =
        new CellRunner(sweep.scenario(), sweep.overrides(), folder.toAbsolutePath());
    List<Grid.Cell> cells = sweep.grid().cells();
    requireOne(runner, cells);
    Map<String, String> settings =
        sweep.parallel() > 1 ? Map.of("spark.scheduler.mode", "FAIR") : Map.of();
    try (SparkDriver spark = SparkDriver.start(sweep.target().name(), settings)) {
      List<CellResult> results = run(runner, cells, sweep.parallel(), spark);
      write(folder, sweep, results);
      return finish(folder, results);
    }
  }

  /** Where no cell can be run, the sweep as a whole is wrong. */
  private static void requireOne(CellRunner runner, List<Grid.Cell> cells) {
    IllegalArgumentException first = null;
    for (Grid.Cell cell : cells) {
      try {
        runner.configuration(cell);
        return;
      } catch (IllegalArgumentException e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  private List<CellResult> run(
      CellRunner runner, List<Grid.Cell> cells, int parallel, SparkDriver spark) {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      List<Future<CellResult>> futures = new ArrayList<>();
      for (Grid.Cell cell : cells) {
        futures.add(threads.submit(() -> run(runner, cell, cells.size(), spark)));
      }
      List<CellResult> results = new ArrayList<>();
      for (Future<CellResult> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the sweep was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private CellResult run(CellRunner runner, Grid.Cell cell, int cells, SparkDriver spark) {
    spark.context().setLocalProperty("spark.scheduler.pool", "cell-" + cell.index());
    CellRunner.Work work = (config, folder) -> train(config, folder, spark);
    CellResult result = runner.run(cell, work, c -> say(c, cells, "…"));
    say(cell, cells, words(result));
    return result;
  }

  private static Map<String, Double> train(LoadedConfig config, Path folder, SparkDriver spark) {
    FederatedRun run = FederatedRun.of(config, spark.context(), List.of());
    CellFiles.write(folder, config, run);
    return run.figures();
  }

  private static String words(CellResult result) {
    if (!result.done()) {
      return "failed: " + result.message();
    }
    StringBuilder words = new StringBuilder("done");
    result
        .figures()
        .forEach(
            (name, value) -> {
              if (name.startsWith("test-") || name.equals("epsilon")) {
                words.append(String.format(Locale.ROOT, ", %s %.4g", name, value));
              }
            });
    return words.toString();
  }

  private void say(Grid.Cell cell, int cells, String what) {
    PrintWriter console = spec.commandLine().getOut();
    synchronized (console) {
      console.printf("cell %d/%d %s: %s%n", cell.index() + 1, cells, cell.label(), what);
      console.flush();
    }
  }

  private static void write(Path folder, SweepConfig sweep, List<CellResult> results) {
    try {
      Files.createDirectories(folder);
      ResultsTable table = new ResultsTable(results);
      Files.writeString(folder.resolve("results.csv"), table.csv());
      Files.writeString(folder.resolve("results.md"), table.markdown());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write results under " + folder, e);
    }
    SweepFigures.write(folder, results);
    if (results.stream().anyMatch(CellResult::done)) {
      ReportPage.of(List.of(folder)).write(folder.resolve(ReportPage.FILE));
    }
    ResultsFrame frame = new ResultsFrame(SparkSession.active(), sweep.target().name(), results);
    frame.writeParquet(folder.toAbsolutePath().resolveSibling("results.parquet"));
    sweep.target().table().ifPresent(frame::appendTo);
  }

  private int finish(Path folder, List<CellResult> results) {
    long failed = results.stream().filter(r -> !r.done()).count();
    PrintWriter console = spec.commandLine().getOut();
    console.printf("%n%s%n", new ResultsTable(results).markdown());
    console.printf(
        "%d of %d cells done%s. Results: %s%n",
        results.size() - failed,
        results.size(),
        failed > 0 ? ", " + failed + " failed" : "",
        folder);
    console.flush();
    return failed > 0 ? 1 : 0;
  }
}
