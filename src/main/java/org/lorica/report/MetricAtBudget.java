package org.lorica.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure.Caption;

/**
 * What one run reached.
 *
 * @param budget ε; empty without privacy
 * @param value of the metric in the last round
 */
record MetricAtBudget(String method, OptionalDouble budget, double value) {

  /**
   * Metric against ε, one line a method, with standard errors where there are several runs; what a
   * method reaches without privacy is a level line. Empty unless there are two points to compare.
   */
  static Chart chart(String metric, List<MetricAtBudget> runs) {
    double scale = metric.equals("accuracy") ? 100 : 1;
    Map<String, TreeMap<Double, List<Double>>> byMethod = new LinkedHashMap<>();
    Map<String, List<Double>> open = new LinkedHashMap<>();
    TreeMap<Double, String> budgets = new TreeMap<>();
    for (MetricAtBudget run : runs) {
      if (run.budget().isPresent()) {
        double budget = run.budget().getAsDouble();
        budgets.put(budget, "");
        byMethod
            .computeIfAbsent(run.method(), m -> new TreeMap<>())
            .computeIfAbsent(budget, b -> new ArrayList<>())
            .add(run.value() * scale);
      } else {
        open.computeIfAbsent(run.method(), m -> new ArrayList<>()).add(run.value() * scale);
      }
    }
    List<Series> series = new ArrayList<>();
    if (budgets.size() + open.size() > 1 || byMethod.size() > 1) {
      byMethod.forEach(
          (method, points) ->
              series.add(
                  Series.measured(
                      method,
                      points.entrySet().stream()
                          .map(e -> Point.mean(e.getKey(), e.getValue()))
                          .toList())));
      if (!budgets.isEmpty()) {
        open.forEach(
            (method, values) ->
                series.add(
                    Series.level(
                        method + ", no privacy",
                        Point.mean(0, values).y(),
                        budgets.firstKey(),
                        budgets.lastKey())));
      }
    }
    return new Chart(
        new Caption(
            "comparison",
            "Methods: " + (metric.isEmpty() ? "metric" : metric) + " against ε",
            "Last round; bars are standard errors over runs of the same method and ε. Unless the"
                + " learning rate was tuned for each method, this is no ranking."),
        Form.LINES,
        Axis.log("ε, nats"),
        Axis.linear(scale == 100 ? metric + ", %" : metric),
        series);
  }
}
