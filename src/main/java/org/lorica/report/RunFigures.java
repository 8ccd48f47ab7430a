package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.Figure.Caption;

/** The pictures of one run, or of several over each other. */
final class RunFigures {
  private static final double KIBI = 1024;

  private final List<StoredRun> runs;
  private final Map<StoredRun, String> names = new LinkedHashMap<>();

  private RunFigures(List<StoredRun> runs) {
    this.runs = runs.stream().filter(r -> !r.rounds().isEmpty()).toList();
    Map<String, Integer> seen = new TreeMap<>();
    this.runs.forEach(r -> seen.merge(r.label(), 1, Integer::sum));
    this.runs.forEach(
        r -> names.put(r, seen.get(r.label()) == 1 ? r.label() : r.label() + " · " + r.name()));
  }

  static List<Figure> of(List<StoredRun> runs) {
    RunFigures figures = new RunFigures(runs);
    List<Figure> all = new ArrayList<>();
    if (!figures.runs.isEmpty()) {
      all.add(figures.comparison());
      all.addAll(figures.byRound());
    }
    runs.stream()
        .filter(StoredRun::isSimulation)
        .filter(r -> r.extras().partition().path("clients").size() > 0)
        .findFirst()
        .ifPresent(r -> all.add(PartitionTable.heatMap(r.extras().partition())));
    for (StoredRun run : runs) {
      JsonNode canaries = run.extras().audit().path("canaries");
      if (!canaries.isMissingNode()) {
        all.add(CanaryHistogram.read(canaries).chart(Audits.title(run.extras().audit())));
      }
    }
    return all.stream().filter(f -> !(f instanceof Chart c) || !c.isEmpty()).toList();
  }

  private List<Figure> byRound() {
    List<Figure> all = new ArrayList<>();
    String metric = runs.get(0).metric();
    all.add(metric(metric));
    all.add(loss());
    all.add(epsilon());
    all.add(bytes());
    all.add(runs.size() == 1 ? phases(runs.get(0)) : seconds());
    all.addAll(new DiagnosticFigures(names).all());
    return all;
  }

  private Chart metric(String metric) {
    boolean share = metric.equals("accuracy");
    return new Chart(
        new Caption("metric", "Held-out " + (metric.isEmpty() ? "metric" : metric), ""),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear(share ? metric + ", %" : metric),
        each("", r -> StoredRun.number(r, "quality.metricValue") * (share ? 100 : 1)));
  }

  private Chart loss() {
    List<Series> series = new ArrayList<>(each("", r -> StoredRun.number(r, "quality.testLoss")));
    String note = "";
    if (runs.size() == 1) {
      series = new ArrayList<>(each("held-out", r -> StoredRun.number(r, "quality.testLoss")));
      if (runs.get(0).isSimulation()) {
        series.addAll(each("training", r -> StoredRun.number(r, "quality.trainLoss")));
        note = "Training loss is computed without noise: for simulation only.";
      }
    }
    return new Chart(
        new Caption("loss", "Loss", note),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear("loss, nats"),
        series);
  }

  private Chart epsilon() {
    List<Series> series = new ArrayList<>(each("spent", r -> StoredRun.number(r, "epsilon")));
    TreeMap<Double, Double> targets = new TreeMap<>();
    for (StoredRun run : runs) {
      OptionalDouble target = run.targetEpsilon();
      double end = run.rounds().get(run.rounds().size() - 1).path("rounds").asDouble(1);
      target.ifPresent(t -> targets.merge(t, end, Math::max));
    }
    targets.forEach(
        (target, end) ->
            series.add(Series.level("target ε = " + Wording.plain(target), target, 1, end)));
    return new Chart(
        new Caption("epsilon", "ε spent", "The greatest over clients, after each round."),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear("ε, nats"),
        series);
  }

  private Chart bytes() {
    List<Series> series = new ArrayList<>();
    series.addAll(each("up", r -> StoredRun.number(r, "traffic.bytesUpPerClient") / KIBI));
    series.addAll(each("down", r -> StoredRun.number(r, "traffic.bytesDownPerClient") / KIBI));
    return new Chart(
        new Caption(
            "bytes", "Traffic of a client", "As a real deployment would send it, in float32."),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear("KiB in a round"),
        series);
  }

  private static Chart phases(StoredRun run) {
    List<Series> series =
        run.phases().stream()
            .map(
                phase ->
                    Series.measured(
                        phase, points(run, r -> StoredRun.number(r, "seconds." + phase))))
            .toList();
    return new Chart(
        new Caption("seconds", "Seconds by phase", ""),
        Form.STACKED_BARS,
        Axis.linear("round"),
        Axis.linear("seconds"),
        series);
  }

  private Chart seconds() {
    return new Chart(
        new Caption("seconds", "Seconds of a round", "All phases together."),
        Form.LINES,
        Axis.linear("round"),
        Axis.linear("seconds"),
        each("", StoredRun::seconds));
  }

  /** One series a run; with a single run it is named after the figure, otherwise after the run. */
  private List<Series> each(String name, ToDoubleFunction<JsonNode> figure) {
    return runs.stream()
        .map(
            run -> {
              boolean alone = runs.size() == 1;
              String both = name.isEmpty() ? names.get(run) : names.get(run) + ", " + name;
              return Series.measured(alone && !name.isEmpty() ? name : both, points(run, figure));
            })
        .toList();
  }

  private static List<Point> points(StoredRun run, ToDoubleFunction<JsonNode> figure) {
    return run.rounds().stream()
        .map(r -> Point.of(r.path("round").asInt(), figure.applyAsDouble(r)))
        .toList();
  }

  /** Last metric against ε, one line a method; runs of one method and budget are averaged. */
  private Chart comparison() {
    String metric = runs.isEmpty() ? "" : runs.get(0).metric();
    List<MetricAtBudget> measured = new ArrayList<>();
    for (StoredRun run : runs) {
      if (run.metric().equals(metric)) {
        OptionalDouble budget = run.targetEpsilon();
        if (budget.isEmpty() && run.isPrivate()) {
          double spent = run.last("epsilon");
          budget = Double.isNaN(spent) ? OptionalDouble.empty() : OptionalDouble.of(spent);
        }
        measured.add(
            new MetricAtBudget(
                run.setting("strategy.name").asText("?"), budget, run.last("quality.metricValue")));
      }
    }
    return MetricAtBudget.chart(metric, measured);
  }
}
