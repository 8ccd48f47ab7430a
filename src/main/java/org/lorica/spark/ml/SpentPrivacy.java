package org.lorica.spark.ml;

import java.util.OptionalDouble;
import org.lorica.federation.FederationPrivacy;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.report.PrivacyStatement;

/**
 * What one call of {@code fit} spent of its clients' privacy. Several models of the same rows, as a
 * {@code CrossValidator} makes them, spend the sum.
 *
 * @param epsilon in nats, the greatest over clients; empty where nothing is claimed
 * @param unit whose presence is hidden: record or client
 * @param accountant that counted epsilon
 * @param formalGuarantee one sentence
 */
public record SpentPrivacy(
    OptionalDouble epsilon, double delta, String unit, String accountant, String formalGuarantee) {

  static SpentPrivacy of(FederationPrivacy privacy) {
    PrivacyPlan.Terms terms = privacy.plan().terms();
    String noise = lower(terms.protocol().noise());
    return new SpentPrivacy(
        privacy.epsilonSoFar(),
        terms.claim().delta(),
        terms.claim().made() ? lower(terms.protocol().unit()) : "none",
        privacy.plan().accountant().name(),
        terms.claim().made()
            ? PrivacyStatement.Claim.formalGuaranteeOf(noise)
            : "none, no noise is added");
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
