package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Wall-clock seconds of a run's rounds.
 *
 * @param waited of it, rounds that had trained waited for the evaluation of the one before; empty
 *     where evaluation does not overlap training
 */
public record RunSeconds(double train, double aggregate, double evaluate, Optional<Double> waited) {

  /** Sums up lines of {@code rounds.jsonl}. */
  static RunSeconds of(List<String> lines) {
    double train = 0;
    double aggregate = 0;
    double evaluate = 0;
    double wait = 0;
    boolean overlaps = false;
    for (String line : lines) {
      JsonNode seconds = Json.tree(line).path("seconds");
      train += seconds.path("train").asDouble();
      aggregate += seconds.path("aggregate").asDouble();
      evaluate += seconds.path("evaluate").asDouble();
      wait += seconds.path("wait").asDouble();
      overlaps |= seconds.has("wait");
    }
    return new RunSeconds(
        train, aggregate, evaluate, overlaps ? Optional.of(wait) : Optional.empty());
  }

  /** A line for people on what evaluation took; empty where there is nothing to tell. */
  Optional<String> words() {
    double others = train + aggregate;
    if (evaluate == 0) {
      return Optional.empty();
    }
    return Optional.of(
        waited
            .map(
                seconds ->
                    Wording.format(
                        "Evaluation: %.1f s beside %.1f s of training and aggregation, which waited"
                            + " %.1f s for it.",
                        evaluate, others, seconds))
            .orElseGet(
                () ->
                    Wording.format(
                        "Evaluation: %.1f s, %.0f %% of the rounds' time.",
                        evaluate, 100 * evaluate / (others + evaluate))));
  }
}
