package org.lorica.federation;

/**
 * Held-out figures.
 *
 * @param loss mean over examples (classification) or over all predicted tokens (language
 *     modelling), nats
 * @param metricName {@code accuracy} or {@code perplexity}
 * @param metric share in [0, 1], or e^loss
 */
public record Evaluation(int examples, double loss, String metricName, double metric) {}
