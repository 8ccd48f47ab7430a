package org.lorica.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.Figure.Caption;

/**
 * The pictures of a sweep: metric and cost against the number of clients (or another axis of
 * numbers), one curve for each choice of the other axes; seeds are averaged.
 */
final class GridFigures {
  private static final String SEED = "seed";
  private static final List<String> PREFERRED =
      List.of("clients.count", "federation.clients-per-round");
  private static final double MEBI = 1024.0 * 1024;

  private final List<StoredGrid.Cell> cells;
  private final Map<String, Set<String>> axes = new LinkedHashMap<>();

  private GridFigures(StoredGrid grid) {
    this.cells = grid.cells();
    for (StoredGrid.Cell cell : cells) {
      cell.settings()
          .forEach((key, value) -> axes.computeIfAbsent(key, k -> new TreeSet<>()).add(value));
    }
  }

  static List<Figure> of(StoredGrid grid) {
    GridFigures figures = new GridFigures(grid);
    List<Figure> all = new ArrayList<>();
    figures.horizontal().ifPresent(key -> all.addAll(figures.curves(key)));
    Chart comparison = figures.comparison();
    if (!comparison.isEmpty()) {
      all.add(comparison);
    }
    return all;
  }

  /** The axis that the curves run along. */
  private Optional<String> horizontal() {
    List<String> numeric =
        axes.keySet().stream()
            .filter(k -> !k.equals(SEED) && axes.get(k).size() > 1)
            .filter(k -> axes.get(k).stream().allMatch(v -> number(v).isPresent()))
            .toList();
    return PREFERRED.stream()
        .filter(numeric::contains)
        .findFirst()
        .or(() -> numeric.stream().findFirst());
  }

  private List<Chart> curves(String key) {
    String metric = metric();
    boolean share = metric.equals("accuracy");
    Axis x = positive(key) ? Axis.log(key) : Axis.linear(key);
    List<Chart> charts = new ArrayList<>();
    charts.add(
        curve(
            new Caption("sweep-metric", "Held-out " + metric + " against " + key, SAYS),
            List.of(x, Axis.linear(share ? metric + ", %" : metric)),
            c -> c.figures().getOrDefault("test-" + metric, Double.NaN) * (share ? 100 : 1)));
    charts.add(
        curve(
            new Caption("sweep-seconds", "Seconds against " + key, SAYS),
            List.of(x, Axis.linear("seconds of training and aggregation")),
            c ->
                c.figures().getOrDefault("seconds-train", Double.NaN)
                    + c.figures().getOrDefault("seconds-aggregate", Double.NaN)));
    charts.add(
        curve(
            new Caption("sweep-bytes", "Bytes sent by all clients against " + key, SAYS),
            List.of(x, Axis.linear("MiB over all rounds")),
            c -> c.figures().getOrDefault("bytes-up", Double.NaN) / MEBI));
    return charts.stream().filter(c -> !c.isEmpty()).toList();
  }

  private static final String SAYS = "Bars are standard errors over seeds.";

  private Chart curve(
      Caption caption, List<Axis> axesOfChart, ToDoubleFunction<StoredGrid.Cell> figure) {
    String key = horizontal().orElseThrow();
    Map<String, TreeMap<Double, List<Double>>> curves = new LinkedHashMap<>();
    for (StoredGrid.Cell cell : cells) {
      double x = number(cell.settings().getOrDefault(key, "")).orElse(Double.NaN);
      double y = figure.applyAsDouble(cell);
      if (Double.isFinite(x) && Double.isFinite(y)) {
        curves
            .computeIfAbsent(rest(cell, key), k -> new TreeMap<>())
            .computeIfAbsent(x, k -> new ArrayList<>())
            .add(y);
      }
    }
    List<Series> series = new ArrayList<>();
    curves.forEach(
        (name, points) ->
            series.add(
                Series.measured(
                    name,
                    points.entrySet().stream()
                        .map(e -> Point.mean(e.getKey(), e.getValue()))
                        .toList())));
    return new Chart(caption, Form.LINES, axesOfChart.get(0), axesOfChart.get(1), series);
  }

  /** The other axes that vary, as a legend says them. */
  private String rest(StoredGrid.Cell cell, String key) {
    List<String> parts = new ArrayList<>();
    cell.settings()
        .forEach(
            (k, v) -> {
              if (!k.equals(key) && !k.equals(SEED) && axes.get(k).size() > 1) {
                parts.add(k.equals("strategy.name") ? v : k.replaceFirst(".*\\.", "") + " " + v);
              }
            });
    return parts.isEmpty() ? "all cells" : String.join(", ", parts);
  }

  /** Only where a budget varies: then metric against ε. */
  private Chart comparison() {
    String metric = metric();
    List<MetricAtBudget> runs = new ArrayList<>();
    if (axes.getOrDefault("privacy.epsilon", Set.of()).size() > 1) {
      String key = horizontal().filter(k -> !k.equals("privacy.epsilon")).orElse("privacy.epsilon");
      for (StoredGrid.Cell cell : cells) {
        Map<String, String> others = new LinkedHashMap<>(cell.settings());
        OptionalDouble budget = number(others.getOrDefault("privacy.epsilon", ""));
        others.remove("privacy.epsilon");
        String x = key.equals("privacy.epsilon") ? "" : others.remove(key);
        String name = rest(new StoredGrid.Cell(others, Map.of()), key);
        runs.add(
            new MetricAtBudget(
                x == null || x.isEmpty()
                    ? name
                    : name + ", " + key.replaceFirst(".*\\.", "") + " " + x,
                budget,
                cell.figures().getOrDefault("test-" + metric, Double.NaN)));
      }
    }
    return MetricAtBudget.chart(metric, runs);
  }

  private String metric() {
    return cells.stream()
        .flatMap(c -> c.figures().keySet().stream())
        .filter(k -> k.startsWith("test-") && !k.equals("test-loss"))
        .map(k -> k.substring("test-".length()))
        .findFirst()
        .orElse("loss");
  }

  private boolean positive(String key) {
    return axes.get(key).stream().allMatch(v -> number(v).orElse(0) > 0);
  }

  private static OptionalDouble number(String text) {
    try {
      return OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
