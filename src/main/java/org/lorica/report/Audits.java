package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;

/** What {@code audit.json} says, in a line. */
final class Audits {
  private Audits() {}

  static String title(JsonNode audit) {
    JsonNode result = audit.path("result");
    double refuted =
        Math.max(
            result.path("bounds").path("oneRun").path("epsilon").asDouble(),
            result.path("bounds").path("twoWorld").path("epsilon").asDouble());
    return title(
        audit.path("verdict").asText("?"),
        result.path("claim").path("epsilon").asDouble(),
        refuted);
  }

  static String title(String verdict, double claimed, double refuted) {
    return Wording.format("%s: claimed ε = %.2f, refuted up to %.2f", verdict, claimed, refuted);
  }
}
