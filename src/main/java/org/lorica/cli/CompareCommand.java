package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.lorica.config.CompareConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.report.ComparisonFigure;
import org.lorica.report.ComparisonRow;
import org.lorica.report.ComparisonTable;
import org.lorica.report.PairedDifferences;
import org.lorica.report.ReportPage;
import org.lorica.spark.ParquetTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorica compare}: methods side by side, each with its own step sizes, over seeds. */
@Command(
    name = "compare",
    description =
        "Compares methods, such as those of conf/compare-methods.conf, over budgets, heterogeneity"
            + " and seeds, with step sizes tuned for each. Runs that are there already are not run"
            + " again.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CompareConfig config = CompareConfig.load(options.file(), options.overrides());
    Path folder = config.target().folder();
    PrintWriter console = spec.commandLine().getOut();
    CellRunner cells = new CellRunner(config.scenario(), config.overrides(), folder);
    Comparison.requireReadable(config, cells);
    try (SparkDriver spark = SparkDriver.start(config.target().name())) {
      JavaSparkContext context = spark.context();
      Comparison comparison =
          new Comparison(config, cells, (run, draft) -> figures(run, context), console);
      console.printf(
          "%s: %d runs, results in %s%n", config.target().name(), comparison.runs(), folder);
      List<ComparisonRow> rows = comparison.rows(some -> texts(folder, config, some, List.of()));
      if (rows.isEmpty()) {
        throw new IllegalArgumentException(
            "no run ended well; the first said: " + comparison.failures().get(0));
      }
      texts(folder, config, rows, comparison.failures());
      ComparisonTable table = new ComparisonTable(rows);
      ParquetTable.write(
          context,
          ComparisonTable.COLUMNS,
          ComparisonTable.TEXTS,
          table.cells(),
          folder.resolve("comparison.parquet").toUri().toString());
      figures(folder, config, rows);
      ReportPage.of(List.of(folder)).write(folder.resolve(ReportPage.FILE));
      console.println();
      console.println(markdown(config, rows));
      comparison.failures().forEach(f -> console.println("failed: " + f));
      console.flush();
      return comparison.failures().isEmpty() ? 0 : 1;
    }
  }

  private static Map<String, Double> figures(LoadedConfig run, JavaSparkContext context) {
    PeakHeap.restart();
    FederatedRun result = FederatedRun.of(run, context, List.of());
    Map<String, Double> figures = new LinkedHashMap<>(result.figures());
    figures.put("peak-heap-mib", PeakHeap.mebibytes());
    figures.put("rounds", (double) result.rounds().size());
    figures.put(
        "seconds-driver",
        result.rounds().stream().mapToDouble(r -> r.seconds().getOrDefault("driver", 0.0)).sum());
    return figures;
  }

  private static String markdown(CompareConfig config, List<ComparisonRow> rows) {
    String paired =
        config.plan().baseline().map(b -> new PairedDifferences(b, rows).markdown()).orElse("");
    return new ComparisonTable(rows).markdown() + paired;
  }

  private static void texts(
      Path folder, CompareConfig config, List<ComparisonRow> rows, List<String> failures) {
    ComparisonTable table = new ComparisonTable(rows);
    StringBuilder markdown = new StringBuilder(markdown(config, rows));
    failures.forEach(f -> markdown.append("Failed: ").append(f).append('\n'));
    write(folder.resolve("comparison.csv"), table.csv());
    write(folder.resolve("comparison.md"), markdown.toString());
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
      Files.writeString(draft, text);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** One picture a level of heterogeneity. */
  private static void figures(Path folder, CompareConfig config, List<ComparisonRow> rows) {
    int index = 0;
    for (CompareConfig.Level level : config.plan().levels()) {
      String name = index++ == 0 ? "comparison.png" : "comparison-" + index + ".png";
      List<ComparisonRow> some =
          rows.stream().filter(r -> r.setting().level().equals(level.name())).toList();
      if (!some.isEmpty()) {
        ComparisonFigure.write(
            folder.resolve(name), some, config.target().name() + ": " + level.name());
      }
    }
  }
}
