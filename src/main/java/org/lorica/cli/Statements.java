package org.lorica.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.lorica.config.RunConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.privacy.RdpAccountant;
import org.lorica.report.PrivacyStatement;

/** What {@code privacy.json} says of a run. */
final class Statements {
  private Statements() {}

  static PrivacyStatement of(RunConfig config, FederationPrivacy privacy) {
    PrivacyPlan.Terms terms = privacy.plan().terms();
    boolean claimed = terms.claim().made();
    double[] sigma = privacy.range(ClientTerms::noiseMultiplier);
    double[] q = privacy.range(ClientTerms::samplingProbability);
    List<Integer> participations = privacy.participations();
    List<String> notCovered = new ArrayList<>();
    notCovered.add("training loss and counts in rounds.jsonl are un-noised: for simulation only");
    notCovered.add("held-out records are evaluated in the clear and have no share in epsilon");
    notCovered.add("the number of records of each client counts as public");
    if (!claimed) {
      notCovered.add("this run adds no noise: no epsilon is claimed");
    }
    return new PrivacyStatement(
        new PrivacyStatement.Claim(
            "record",
            "add or remove one record",
            "the server, which sees every client's message; clients are not protected from themselves",
            claimed ? "record-level, local DP" : "none",
            "simulation",
            "none, the seed is known"),
        new PrivacyStatement.EpsilonSpent(
            claimed ? terms.claim().epsilon() : OptionalDouble.empty(),
            OptionalDouble.empty(),
            privacy.epsilonBy(new RdpAccountant()),
            terms.delta()),
        new PrivacyStatement.Mechanism(
            "poisson",
            terms.claim().maxGradNorm(),
            new PrivacyStatement.Span(sigma[0], sigma[1]),
            new PrivacyStatement.Span(q[0], q[1]),
            config.federation().localSteps(),
            new PrivacyStatement.Participations(
                participations.get(participations.size() - 1),
                participations.get(participations.size() / 2),
                terms.participationCap())),
        notCovered);
  }
}
