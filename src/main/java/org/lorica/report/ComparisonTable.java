package org.lorica.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The results of a comparison as a table: for machines (CSV, Parquet) and for people (Markdown).
 */
public record ComparisonTable(List<ComparisonRow> rows) {
  /** Names of the machine-readable columns; the first four hold texts, the others numbers. */
  public static final List<String> COLUMNS =
      List.of(
          "method",
          "epsilon_target",
          "heterogeneity",
          "learning_rates",
          "seeds",
          "metric_mean",
          "metric_standard_error",
          "loss_mean",
          "loss_standard_error",
          "epsilon_spent",
          "epsilon_leaves_out",
          "bytes_up_per_client_round",
          "bytes_down_per_client_round",
          "driver_seconds_per_round",
          "peak_heap_mib");

  /** How many of {@link #COLUMNS} hold texts. */
  public static final int TEXTS = 4;

  public ComparisonTable {
    rows = List.copyOf(rows);
  }

  /** One list a row, as many values as {@link #COLUMNS}: {@code String}s, then {@code Double}s. */
  public List<List<Object>> cells() {
    List<List<Object>> all = new ArrayList<>();
    for (ComparisonRow row : rows) {
      ComparisonRow.Setting s = row.setting();
      ComparisonRow.Cost c = row.cost();
      all.add(
          List.of(
              s.method(),
              s.budget(),
              s.level(),
              s.rates(),
              (double) s.seeds(),
              row.metric().mean(),
              row.metric().error(),
              row.loss().mean(),
              row.loss().error(),
              row.spent().epsilon().orElse(Double.NaN),
              row.spent().notCovered().isEmpty() ? 0.0 : 1.0,
              c.bytesUp(),
              c.bytesDown(),
              c.driverSeconds(),
              c.peakHeapMib()));
    }
    return all;
  }

  /** With a header line; NaN where there is no value. */
  public String csv() {
    StringBuilder text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
    for (List<Object> row : cells()) {
      text.append(row.stream().map(Object::toString).collect(Collectors.joining(","))).append('\n');
    }
    return text.toString();
  }

  /** One table for every budget and level, best metric first. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    List<List<String>> groups =
        rows.stream()
            .map(r -> Arrays.asList(r.setting().budget(), r.setting().level()))
            .distinct()
            .toList();
    for (List<String> group : groups) {
      List<ComparisonRow> some =
          rows.stream()
              .filter(r -> r.setting().budget().equals(group.get(0)))
              .filter(r -> r.setting().level().equals(group.get(1)))
              .sorted(ComparisonTable::better)
              .toList();
      section(some, text);
    }
    return text.toString();
  }

  /** Perplexity is the better the lower. */
  private static int better(ComparisonRow one, ComparisonRow two) {
    int byLoss = Double.compare(one.loss().mean(), two.loss().mean());
    return one.metric().name().equals("perplexity")
        ? byLoss
        : Double.compare(two.metric().mean(), one.metric().mean());
  }

  private static void section(List<ComparisonRow> rows, StringBuilder text) {
    ComparisonRow.Setting first = rows.get(0).setting();
    String metric = rows.get(0).metric().name();
    boolean share = metric.equals("accuracy");
    line(text, "### ε = %s, heterogeneity: %s", first.budget(), first.level());
    line(text, "");
    line(
        text,
        "| method | %s | loss, nats | ε spent | learning rate (A / B) | seeds | KiB up | KiB down |"
            + " driver ms | peak heap, MiB |",
        share ? "accuracy, %" : metric);
    line(text, "|---|---|---|---|---|---|---|---|---|---|");
    for (ComparisonRow r : rows) {
      double scale = share ? 100 : 1;
      line(
          text,
          "| %s | %s | %s | %s | %s | %d | %.1f | %.1f | %.1f | %.0f |",
          r.setting().method(),
          plusMinus(r.metric(), scale, share ? 1 : 2),
          plusMinus(r.loss(), 1, 3),
          spent(r.spent()),
          r.setting().rates(),
          r.setting().seeds(),
          r.cost().bytesUp() / 1024,
          r.cost().bytesDown() / 1024,
          1e3 * r.cost().driverSeconds(),
          r.cost().peakHeapMib());
    }
    line(text, "");
    rows.stream()
        .flatMap(r -> r.spent().notCovered().stream())
        .distinct()
        .forEach(left -> line(text, "\\* %s%n", left));
  }

  /** Marked where ε leaves something out. */
  private static String spent(ComparisonRow.Spent spent) {
    if (spent.epsilon().isEmpty()) {
      return "–";
    }
    String mark = spent.notCovered().isEmpty() ? "" : " \\*";
    return String.format(Locale.ROOT, "%.2f%s", spent.epsilon().getAsDouble(), mark);
  }

  private static String plusMinus(ComparisonRow.Figure figure, double scale, int digits) {
    String mean = String.format(Locale.ROOT, "%." + digits + "f", scale * figure.mean());
    return Double.isNaN(figure.error())
        ? mean
        : mean + String.format(Locale.ROOT, " ± %." + digits + "f", scale * figure.error());
  }

  private static void line(StringBuilder text, String pattern, Object... values) {
    text.append(String.format(Locale.ROOT, pattern, values)).append('\n');
  }
}
