package org.lorica.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.Figure.Caption;

/** {@code comparison.csv}: methods over budgets and heterogeneity, tuned, seeds averaged. */
final class StoredComparison {
  private static final String FILE = "comparison.csv";

  private final List<Row> rows;

  private StoredComparison(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  private record Row(String method, OptionalDouble budget, String level, Point metric) {}

  static boolean isComparison(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /** Reads the columns that the figure needs; no field holds a comma but that of the rates. */
  static StoredComparison read(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      List<String> lines = Files.readAllLines(file);
      List<String> header = Arrays.asList(lines.get(0).split(",", -1));
      List<Row> rows = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        List<String> cells = Arrays.asList(line.split(",", -1));
        int surplus = cells.size() - header.size(); // commas inside learning_rates
        double mean = number(cells, header.indexOf("metric_mean") + surplus);
        double error = number(cells, header.indexOf("metric_standard_error") + surplus);
        double budget = number(cells, header.indexOf("epsilon_target"));
        rows.add(
            new Row(
                cells.get(header.indexOf("method")),
                Double.isNaN(budget) ? OptionalDouble.empty() : OptionalDouble.of(budget),
                cells.get(header.indexOf("heterogeneity")),
                new Point(
                    budget,
                    mean,
                    Double.isNaN(error) ? OptionalDouble.empty() : OptionalDouble.of(error))));
      }
      return new StoredComparison(rows);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          file + ": expected the columns of a comparison, found others", e);
    }
  }

  private static double number(List<String> cells, int column) {
    try {
      return Double.parseDouble(cells.get(column));
    } catch (NumberFormatException e) {
      return Double.NaN; // "none"
    }
  }

  /** One chart a level of heterogeneity. */
  List<Figure> figures() {
    List<Figure> charts = new ArrayList<>();
    for (String level : rows.stream().map(Row::level).distinct().toList()) {
      charts.add(chart(level, rows.stream().filter(r -> r.level().equals(level)).toList()));
    }
    return charts;
  }

  private static Chart chart(String level, List<Row> rows) {
    Map<String, List<Point>> byMethod = new LinkedHashMap<>();
    List<Row> open = new ArrayList<>();
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (Row row : rows) {
      if (row.budget().isPresent()) {
        byMethod.computeIfAbsent(row.method(), m -> new ArrayList<>()).add(row.metric());
        low = Math.min(low, row.budget().getAsDouble());
        high = Math.max(high, row.budget().getAsDouble());
      } else {
        open.add(row);
      }
    }
    List<Series> series = new ArrayList<>();
    byMethod.forEach((method, points) -> series.add(Series.measured(method, points)));
    for (Row row : open) {
      series.add(Series.level(row.method() + ", no privacy", row.metric().y(), low, high));
    }
    String id =
        "comparison-" + level.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return new Chart(
        new Caption(
            id,
            "Methods against ε: " + level,
            "Step sizes tuned for each method; bars are standard errors over seeds."),
        Form.LINES,
        Axis.log("ε, nats"),
        Axis.linear("held-out metric"),
        series);
  }
}
