package org.lorica.federation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Held-out figures.
 *
 * @param loss mean over examples, or over all predicted tokens (language modelling); nats, or
 *     squared error (regression)
 * @param metricName the task's own metric: {@code accuracy}, {@code pearson}, {@code f1} or {@code
 *     perplexity}
 * @param metric a share in [0, 1], a correlation, or e^loss
 * @param metrics all metrics of the task by name, that one first
 */
public record Evaluation(
    int examples, double loss, String metricName, double metric, Map<String, Double> metrics) {
  public Evaluation {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** With a single metric. */
  public Evaluation(int examples, double loss, String metricName, double metric) {
    this(examples, loss, metricName, metric, Map.of(metricName, metric));
  }
}
