package org.lorica.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler;

/**
 * Held-out metric (loss for language models) of every method, one group of points a method, with
 * standard errors.
 */
public final class ComparisonFigure {
  private ComparisonFigure() {}

  /** Writes a PNG of the rows of one level of heterogeneity. */
  public static void write(Path file, List<ComparisonRow> rows, String title) {
    List<String> methods = rows.stream().map(r -> r.setting().method()).distinct().toList();
    List<String> budgets = rows.stream().map(r -> r.setting().budget()).distinct().toList();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Math.max(800, 90 * methods.size()))
            .height(520)
            .title(title)
            .xAxisTitle("method")
            .yAxisTitle(shown(rows.get(0)).name() + ", mean ± standard error")
            .build();
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    chart.getStyler().setAxisTickLabelsFont(plain).setAxisTitleFont(plain);
    chart.getStyler().setLegendFont(plain).setChartTitleFont(plain);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisLabelRotation(45);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Scatter);
    setRangeInPlace(chart, rows);
    for (String budget : budgets) {
      List<Double> means = new ArrayList<>();
      List<Double> errors = new ArrayList<>();
      for (String method : methods) {
        ComparisonRow.Figure figure = figure(rows, method, budget);
        means.add(figure.mean());
        errors.add(figure.error());
      }
      String name = budget.equals("none") ? "no privacy" : "ε = " + budget;
      chart.addSeries(name, methods, means, errors);
    }
    try {
      BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** XChart draws nothing at NaN, but counts no value whose error is NaN into its own range. */
  private static void setRangeInPlace(CategoryChart chart, List<ComparisonRow> rows) {
    DoubleSummaryStatistics ends =
        rows.stream()
            .map(ComparisonFigure::shown)
            .flatMapToDouble(f -> DoubleStream.of(-bar(f), bar(f)).map(bar -> f.mean() + bar))
            .filter(Double::isFinite)
            .summaryStatistics();
    if (ends.getCount() > 0) {
      double margin = ends.getMax() > ends.getMin() ? 0.05 * (ends.getMax() - ends.getMin()) : 0.5;
      chart.getStyler().setYAxisMin(ends.getMin() - margin).setYAxisMax(ends.getMax() + margin);
    }
  }

  private static double bar(ComparisonRow.Figure figure) {
    return Double.isNaN(figure.error()) ? 0 : figure.error();
  }

  /**
   * The loss in place of perplexity, of which one run that diverged would fill the whole picture.
   */
  private static ComparisonRow.Figure shown(ComparisonRow row) {
    return row.metric().name().equals("perplexity") ? row.loss() : row.metric();
  }

  private static ComparisonRow.Figure figure(
      List<ComparisonRow> rows, String method, String budget) {
    return rows.stream()
        .filter(r -> r.setting().method().equals(method) && r.setting().budget().equals(budget))
        .findFirst()
        .map(ComparisonFigure::shown)
        .orElse(new ComparisonRow.Figure("", new TreeMap<>()));
  }
}
