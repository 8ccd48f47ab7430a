package org.lorica.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.lorica.data.PartitionSummary;

/**
 * A partition in words, numbers and a picture.
 *
 * @param names of the labels; a label without one is shown as its number
 */
public record PartitionReport(PartitionSummary summary, List<String> names) {
  private static final List<Double> QUANTILES = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
  private static final int BINS = 20;

  public PartitionReport {
    names = List.copyOf(names);
  }

  /** A few lines. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        Wording.format(
            "%,d clients%s%n",
            summary.clients(),
            summary.examined() < summary.clients()
                ? Wording.format("; %,d of them examined", summary.examined())
                : ""));
    text.append(Wording.format("%-27s", ""));
    for (String column : List.of("least", "quartile", "median", "quartile", "greatest", "mean")) {
      text.append(Wording.format("%10s", column));
    }
    text.append('\n');
    text.append(line("examples of a client", summary.sizes(), "%10.0f"));
    text.append(line("total variation of labels", summary.variation(), "%10.3f"));
    long all = summary.labels().values().stream().mapToLong(Long::longValue).sum();
    text.append("labels:");
    summary
        .labels()
        .forEach(
            (label, count) ->
                text.append(Wording.format(" %s %.1f %%", name(label), 100.0 * count / all)));
    return text.append('\n').toString();
  }

  private static String line(String what, PartitionSummary.Spread spread, String format) {
    StringBuilder line = new StringBuilder(Wording.format("%-27s", what));
    QUANTILES.forEach(q -> line.append(Wording.format(format, spread.quantile(q))));
    return line.append(Wording.format(format.replace(".0f", ".1f"), spread.mean())) + "\n";
  }

  private String name(int label) {
    return label >= 0 && label < names.size() ? names.get(label) : Integer.toString(label);
  }

  /** Writes {@code partition.json} and {@code partition.png} into a folder that is there. */
  public void write(Path folder) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("clients", summary.clients());
    json.put("examined", summary.examined());
    json.put("examples", numbers(summary.sizes()));
    json.put("totalVariation", numbers(summary.variation()));
    json.put("labels", summary.labels());
    try {
      Files.writeString(folder.resolve("partition.json"), Json.pretty(json));
      BitmapEncoder.saveBitmap(
          List.of(
              histogram("examples of a client", summary.sizes(), 1, v -> Wording.format("%.0f", v)),
              histogram(
                  "total variation between a client's labels and all",
                  summary.variation(),
                  0.001,
                  v -> Wording.format("%.2f", v))),
          1,
          2,
          folder.resolve("partition.png").toString(),
          BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write under " + folder, e);
    }
  }

  private static Map<String, Double> numbers(PartitionSummary.Spread spread) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    QUANTILES.forEach(q -> numbers.put(Wording.format("quantile-%.2f", q), spread.quantile(q)));
    numbers.put("mean", spread.mean());
    return numbers;
  }

  /**
   * @param step narrowest bin; bins are named by their lower ends
   */
  private static CategoryChart histogram(
      String title, PartitionSummary.Spread spread, double step, Function<Double, String> label) {
    double low = spread.quantile(0);
    double range = spread.quantile(1) - low;
    int[] counts = new int[(int) Math.max(1, Math.min(BINS, Math.floor(range / step) + 1))];
    double width = Math.max(step, range / counts.length);
    spread
        .values()
        .forEach(v -> counts[(int) Math.min(counts.length - 1, Math.floor((v - low) / width))]++);
    List<Integer> heights = new ArrayList<>();
    List<String> bins = new ArrayList<>();
    for (int b = 0; b < counts.length; b++) {
      heights.add(counts[b]);
      String name = label.apply(low + b * width);
      bins.add(bins.contains(name) ? name + " ".repeat(b) : name); // names must differ
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(620)
            .height(420)
            .title(title)
            .yAxisTitle("clients")
            .build();
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    chart.getStyler().setAxisTickLabelsFont(plain).setAxisTitleFont(plain);
    chart.getStyler().setChartTitleFont(plain).setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setXAxisMaxLabelCount(6);
    chart.getStyler().setAvailableSpaceFill(0.95);
    chart.addSeries("clients", bins, heights);
    return chart;
  }
}
