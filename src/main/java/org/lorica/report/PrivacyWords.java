package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** {@code privacy.json} in plain words. */
final class PrivacyWords {
  private PrivacyWords() {}

  /** Sentences, the most important one first. */
  static List<String> of(JsonNode privacy) {
    List<String> words = new ArrayList<>();
    JsonNode claim = privacy.path("claim");
    JsonNode spent = privacy.path("epsilon");
    if (!spent.path("claimed").isNumber()) {
      words.add("No ε is claimed: this run protects nobody.");
    } else {
      double epsilon = spent.path("claimed").asDouble();
      words.add(
          Wording.format(
              "ε = %.2f at δ = %s (%s).",
              epsilon, Wording.small(spent.path("delta").asDouble()), claim.path("mode").asText()));
      words.add(
          Wording.format(
              "Whether one %s is in the data changes the odds of anything that is seen by a factor"
                  + " of at most e^ε = %s, except with probability δ.%s",
              claim.path("unit").asText(),
              factor(epsilon),
              epsilon > 5 ? " A factor that great is a guarantee in name." : ""));
      words.add("Protected against: " + claim.path("threatModel").asText() + ".");
      JsonNode other = spent.path("thirdParty");
      if (other.isNumber()) {
        words.add(
            Wording.format(
                "Against a third party who sees only the released adapters: ε = %.2f.",
                other.asDouble()));
      }
      words.add("Formal guarantee: " + claim.path("formalGuarantee").asText() + ".");
    }
    privacy.path("assumptions").forEach(a -> words.add("It rests on: " + a.asText() + "."));
    privacy.path("notCovered").forEach(a -> words.add("Not covered: " + a.asText() + "."));
    return words;
  }

  private static String factor(double epsilon) {
    double factor = Math.exp(epsilon);
    return factor < 10
        ? Wording.format("%.1f", factor)
        : factor < 1e9 ? Wording.format("%,.0f", factor) : Wording.format("%.1e", factor);
  }
}
