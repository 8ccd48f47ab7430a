package org.lorica.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** Canary scores of an audit: the more the two histograms part, the more was given away. */
public final class AuditFigure {
  private static final int BINS = 60;

  private AuditFigure() {}

  /**
   * Writes a PNG.
   *
   * @param in scores of the canaries that were in the data
   * @param out scores of those that were not
   */
  public static void write(Path file, List<Double> in, List<Double> out, String title) {
    double low = quantile(in, out, 0.001);
    double high = quantile(in, out, 0.999);
    double width = Math.max(1e-12, (high - low) / BINS);
    List<Double> centres = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      centres.add(Math.round((low + (b + 0.5) * width) * 1000) / 1000.0);
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1000)
            .height(500)
            .title(title)
            .xAxisTitle("score of a canary (log-likelihood ratio, nats)")
            .yAxisTitle("canaries")
            .build();
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
    chart.getStyler().setAxisTickLabelsFont(plain).setAxisTitleFont(plain);
    chart.getStyler().setLegendFont(plain).setChartTitleFont(plain);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setAvailableSpaceFill(1);
    chart.getStyler().setXAxisMaxLabelCount(12);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart
        .addSeries("not in the data", centres, counts(out, low, width))
        .setFillColor(new Color(0x33, 0x66, 0xCC, 0xA0));
    chart
        .addSeries("in the data", centres, counts(in, low, width))
        .setFillColor(new Color(0xDD, 0x77, 0x22, 0xA0));
    try {
      BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static double quantile(List<Double> in, List<Double> out, double share) {
    List<Double> all = new ArrayList<>(in);
    all.addAll(out);
    all.sort(null);
    return all.get((int) Math.round(share * (all.size() - 1)));
  }

  /** What lies outside is counted in the outer bins. */
  private static List<Integer> counts(List<Double> scores, double low, double width) {
    int[] counts = new int[BINS];
    for (double score : scores) {
      int bin = (int) Math.floor((score - low) / width);
      counts[Math.max(0, Math.min(BINS - 1, bin))]++;
    }
    List<Integer> list = new ArrayList<>();
    for (int count : counts) {
      list.add(count);
    }
    return list;
  }
}
