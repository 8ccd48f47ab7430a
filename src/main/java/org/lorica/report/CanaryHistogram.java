package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure.Caption;

/**
 * Canaries of an audit by their score, in bins of equal width: the more the two histograms part,
 * the more was given away. What lies outside is counted in the outer bins.
 *
 * @param low lower edge of the first bin
 * @param width of a bin
 * @param in canaries that were in the data, one count a bin
 * @param out those that were not
 */
public record CanaryHistogram(double low, double width, List<Integer> in, List<Integer> out) {
  private static final int BINS = 60;

  public CanaryHistogram {
    in = List.copyOf(in);
    out = List.copyOf(out);
    if (!(width > 0) || in.size() != out.size()) {
      throw new IllegalArgumentException(
          "width must be > 0 and both lists of one length, got "
              + width
              + " and lengths "
              + in.size()
              + ", "
              + out.size());
    }
  }

  /** Counts scores between their 0.1 % and 99.9 % quantiles. */
  public static CanaryHistogram of(List<Double> in, List<Double> out) {
    double low = quantile(in, out, 0.001);
    double high = quantile(in, out, 0.999);
    double width = Math.max(1e-12, (high - low) / BINS);
    return new CanaryHistogram(low, width, counts(in, low, width), counts(out, low, width));
  }

  static CanaryHistogram read(JsonNode node) {
    return new CanaryHistogram(
        node.path("low").asDouble(),
        node.path("width").asDouble(),
        numbers(node.path("in")),
        numbers(node.path("out")));
  }

  private static List<Integer> numbers(JsonNode list) {
    List<Integer> numbers = new ArrayList<>();
    list.forEach(n -> numbers.add(n.asInt()));
    return numbers;
  }

  private static double quantile(List<Double> in, List<Double> out, double share) {
    List<Double> all = new ArrayList<>(in);
    all.addAll(out);
    all.sort(null);
    return all.get((int) Math.round(share * (all.size() - 1)));
  }

  private static List<Integer> counts(List<Double> scores, double low, double width) {
    int[] counts = new int[BINS];
    for (double score : scores) {
      int bin = (int) Math.floor((score - low) / width);
      counts[Math.max(0, Math.min(BINS - 1, bin))]++;
    }
    return IntStream.of(counts).boxed().toList();
  }

  /**
   * Both histograms over each other.
   *
   * @param verdict PASS or FAIL
   * @param claimed ε
   * @param refuted the greatest lower bound on ε that was found
   */
  public Chart chart(String verdict, double claimed, double refuted) {
    return chart(Audits.title(verdict, claimed, refuted));
  }

  Chart chart(String title) {
    return new Chart(
        new Caption("canaries", title, "The more the two part, the more was given away."),
        Form.HISTOGRAM,
        Axis.linear("score of a canary (log-likelihood ratio, nats)"),
        Axis.linear("canaries"),
        List.of(series("not in the data", out), series("in the data", in)));
  }

  private Series series(String name, List<Integer> counts) {
    return Series.measured(
        name,
        IntStream.range(0, counts.size())
            .mapToObj(b -> Point.of(centre(b), counts.get(b)))
            .toList());
  }

  private double centre(int bin) {
    return Math.round((low + (bin + 0.5) * width) * 1000) / 1000.0;
  }
}
