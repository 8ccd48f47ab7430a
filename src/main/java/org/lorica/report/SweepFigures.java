package org.lorica.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/**
 * Cost and metric of a grid's finished cells against their number of clients: {@code seconds.png},
 * {@code bytes.png} and {@code <metric>.png}. A line is what the other settings say; seeds are
 * averaged.
 */
public final class SweepFigures {
  private static final List<String> PREFERRED =
      List.of("clients.count", "federation.clients-per-round");
  private static final double LOGARITHMIC_FROM = 50; // ratio of the greatest to the smallest

  private final String x;
  private final List<CellResult> results;

  private SweepFigures(String x, List<CellResult> results) {
    this.x = x;
    this.results = results;
  }

  /** Writes the figures that the results allow, and returns their files. */
  public static List<Path> write(Path folder, List<CellResult> results) {
    List<CellResult> done = results.stream().filter(CellResult::done).toList();
    Optional<String> x = axis(done);
    if (x.isEmpty()) {
      return List.of();
    }
    SweepFigures figures = new SweepFigures(x.get(), done);
    List<Path> files = new ArrayList<>();
    files.add(
        figures.write(
            folder.resolve("seconds.png"),
            "training and aggregation, seconds",
            r ->
                r.figures().getOrDefault("seconds-train", 0.0)
                    + r.figures().getOrDefault("seconds-aggregate", 0.0)));
    files.add(
        figures.write(
            folder.resolve("bytes.png"),
            "sent by all clients and to them, MB",
            r ->
                (r.figures().getOrDefault("bytes-up", 0.0)
                        + r.figures().getOrDefault("bytes-down", 0.0))
                    / 1e6));
    for (String metric : List.of("accuracy", "perplexity", "loss")) {
      String name = "test-" + metric;
      if (done.stream().allMatch(r -> r.figures().containsKey(name))) {
        files.add(
            figures.write(
                folder.resolve(metric + ".png"),
                "held-out " + metric + (metric.equals("loss") ? ", nats" : ""),
                r -> r.figures().get(name)));
      }
    }
    return files;
  }

  /** The number of clients if it varies, otherwise the first key of numbers that does. */
  private static Optional<String> axis(List<CellResult> results) {
    List<String> keys = new ArrayList<>(PREFERRED);
    results.stream().limit(1).forEach(r -> keys.addAll(r.settings().keySet()));
    return keys.stream().filter(key -> varies(results, key)).findFirst();
  }

  private static boolean varies(List<CellResult> results, String key) {
    return results.stream().allMatch(r -> r.settings().getOrDefault(key, "").matches("[0-9.eE+-]+"))
        && results.stream().map(r -> r.settings().get(key)).distinct().count() > 1;
  }

  private double at(CellResult result) {
    return Double.parseDouble(result.settings().get(x));
  }

  /** Everything else that varies, in words. */
  private String line(CellResult result) {
    Map<String, String> others = new LinkedHashMap<>(result.settings());
    others.remove(x);
    others.remove("seed");
    others
        .keySet()
        .removeIf(k -> results.stream().map(r -> r.settings().get(k)).distinct().count() < 2);
    if (varies(results, x) && x.equals(PREFERRED.get(0)) && followsX(PREFERRED.get(1))) {
      others.remove(PREFERRED.get(1));
    }
    List<String> words = new ArrayList<>();
    others.forEach((k, v) -> words.add(k.substring(k.lastIndexOf('.') + 1) + " " + v));
    return words.isEmpty() ? "mean over seeds" : String.join(", ", words);
  }

  /** Whether a key has one value for every x: then it tells no lines apart. */
  private boolean followsX(String key) {
    return results.stream()
            .map(r -> r.settings().get(key) + " at " + r.settings().get(x))
            .distinct()
            .count()
        == results.stream().map(r -> r.settings().get(x)).distinct().count();
  }

  private Path write(Path file, String title, ToDoubleFunction<CellResult> y) {
    Map<String, TreeMap<Double, List<Double>>> lines = new TreeMap<>();
    for (CellResult result : results) {
      lines
          .computeIfAbsent(line(result), l -> new TreeMap<>())
          .computeIfAbsent(at(result), v -> new ArrayList<>())
          .add(y.applyAsDouble(result));
    }
    XYChart chart = new XYChartBuilder().width(900).height(520).title(title).xAxisTitle(x).build();
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    chart.getStyler().setAxisTickLabelsFont(plain).setAxisTitleFont(plain);
    chart.getStyler().setLegendFont(plain).setChartTitleFont(plain);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisLogarithmic(ratio() >= LOGARITHMIC_FROM);
    lines.forEach(
        (name, points) ->
            chart.addSeries(
                name,
                List.copyOf(points.keySet()),
                points.values().stream().map(SweepFigures::mean).toList()));
    try {
      BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    return file;
  }

  private double ratio() {
    double least = results.stream().mapToDouble(this::at).min().orElse(0);
    return least > 0 ? results.stream().mapToDouble(this::at).max().orElse(0) / least : 0;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
