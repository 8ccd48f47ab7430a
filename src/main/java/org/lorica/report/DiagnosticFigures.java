package org.lorica.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure.Caption;

/** {@code simulationDiagnostics} by round, of the runs that have them and are simulations. */
final class DiagnosticFigures {
  private static final String ROOT = "simulationDiagnostics.";
  private static final String UNCOVERED =
      " Reads un-noised quantities of the clients, which ε does not cover: for simulation only.";

  private final Map<StoredRun, String> names;

  /**
   * @param names how a legend calls every run
   */
  DiagnosticFigures(Map<StoredRun, String> names) {
    this.names = names;
  }

  List<Chart> all() {
    return List.of(errors(), cosines());
  }

  private Chart errors() {
    List<Series> series = new ArrayList<>();
    series.addAll(each("averaged factors", "aggregationBias", p -> p.y() > 0));
    series.addAll(each("as made", "serverError", p -> p.y() > 0));
    series.addAll(each("best of its rank", "eckartYoungError", p -> p.y() > 0));
    series.addAll(each("outside the sketch", "sketchErrorBeforeTruncation", p -> p.y() > 0));
    return new Chart(
        new Caption(
            "diagnostic-errors",
            "Error of the aggregated update",
            "Relative to the clients' weighted sum of products; below about 1e-7 it is float32 rounding, and 0 is not drawn."
                + UNCOVERED),
        Form.LINES,
        Axis.linear("round"),
        Axis.log("relative error"),
        series);
  }

  private Chart cosines() {
    List<Series> series = new ArrayList<>();
    series.addAll(each("changes of A", "cosineOfUpdatesA", p -> true));
    series.addAll(each("changes of B", "cosineOfUpdatesB", p -> true));
    return new Chart(
        new Caption(
            "diagnostic-cosines",
            "Agreement of clients",
            "Mean cosine between two clients' changes of a factor." + UNCOVERED),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear("mean cosine"),
        series);
  }

  /** One series a run that has the field in some round; rounds that are not due have none. */
  private List<Series> each(String what, String field, Predicate<Point> drawable) {
    return names.keySet().stream()
        .filter(StoredRun::isSimulation)
        .map(run -> Series.measured(title(run, what), points(run, ROOT + field, drawable)))
        .filter(series -> !series.points().isEmpty())
        .toList();
  }

  private String title(StoredRun run, String what) {
    return names.size() == 1 ? what : names.get(run) + ", " + what;
  }

  private static List<Point> points(StoredRun run, String path, Predicate<Point> drawable) {
    return run.rounds().stream()
        .map(r -> Point.of(r.path("round").asInt(), StoredRun.number(r, path)))
        .filter(drawable)
        .toList();
  }
}
