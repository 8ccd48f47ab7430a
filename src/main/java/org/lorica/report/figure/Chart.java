package org.lorica.report.figure;

import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Series over a common x axis. */
public record Chart(Caption caption, Form form, Axis x, Axis y, List<Series> series)
    implements Figure {

  public Chart {
    series = List.copyOf(series);
  }

  /** How all series of a chart are drawn. */
  public enum Form {
    LINES,
    /** Bars on top of each other, one stack for each x. */
    STACKED_BARS,
    /** Bars over each other; x is the middle of a bin. */
    HISTOGRAM
  }

  /** An axis with its label, which names the unit. */
  public record Axis(String label, Scale scale) {
    public static Axis linear(String label) {
      return new Axis(label, Scale.LINEAR);
    }

    /** For values that are all positive. */
    public static Axis log(String label) {
      return new Axis(label, Scale.LOG);
    }
  }

  /** How an axis maps values to places. */
  public enum Scale {
    LINEAR,
    LOG
  }

  /** Drawn as measured, or as a reference to hold it against. */
  public enum Style {
    MEASURED,
    REFERENCE
  }

  /** Points in the order of x; what is not finite is left out. */
  public record Series(String name, Style style, List<Point> points) {
    public Series {
      points =
          points.stream()
              .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
              .sorted((a, b) -> Double.compare(a.x(), b.x()))
              .toList();
    }

    public static Series measured(String name, List<Point> points) {
      return new Series(name, Style.MEASURED, points);
    }

    /** A level line from x = {@code from} to {@code to}. */
    public static Series level(String name, double y, double from, double to) {
      return new Series(name, Style.REFERENCE, List.of(Point.of(from, y), Point.of(to, y)));
    }
  }

  /**
   * One point.
   *
   * @param error standard error of y; empty without one
   */
  public record Point(double x, double y, OptionalDouble error) {
    public static Point of(double x, double y) {
      return new Point(x, y, OptionalDouble.empty());
    }

    /** Mean of several values, and its standard error if there are two or more. */
    public static Point mean(double x, List<Double> values) {
      int n = values.size();
      double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      return new Point(
          x,
          mean,
          n < 2 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(squares / (n - 1) / n)));
    }
  }

  /** Whether there is anything to draw. */
  public boolean isEmpty() {
    return series.stream()
        .filter(s -> s.style() == Style.MEASURED)
        .allMatch(s -> s.points().isEmpty());
  }

  /** All x of all series, ascending, each once. */
  public List<Double> allX() {
    Stream<Double> all = series.stream().flatMap(s -> s.points().stream()).map(Point::x);
    return Collections.unmodifiableList(all.distinct().sorted().toList());
  }
}
