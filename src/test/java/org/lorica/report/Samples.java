package org.lorica.report;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Records as a run would make them. */
final class Samples {
  private Samples() {}

  static RoundRecord round(int round, int rounds) {
    return new RoundRecord(
        round,
        rounds,
        new RoundRecord.Quality(
            OptionalDouble.of(2.5),
            OptionalDouble.of(2.312),
            "accuracy",
            OptionalDouble.of(0.4119)),
        OptionalDouble.of(2.1),
        8,
        RoundRecord.Faults.NONE,
        new RoundRecord.Traffic(4096, 8192),
        Map.of("train", 1.25, "aggregate", 0.5),
        List.of("quality.trainLoss"));
  }

  static PrivacyStatement privacy(OptionalDouble epsilon) {
    return new PrivacyStatement(
        new PrivacyStatement.Claim(
            "record",
            "add or remove one",
            "the server",
            "record",
            "simulation",
            PrivacyStatement.Claim.formalGuaranteeOf("simulation")),
        new PrivacyStatement.EpsilonSpent(
            OptionalDouble.of(8),
            1e-5,
            "pld",
            epsilon,
            new PrivacyStatement.Figures(epsilon, epsilon, OptionalDouble.empty())),
        new PrivacyStatement.Mechanism(
            "poisson",
            "round-robin",
            1.0,
            new PrivacyStatement.Spread(
                new PrivacyStatement.Span(0.8, 1.2), new PrivacyStatement.Span(0.01, 0.2)),
            5,
            new PrivacyStatement.Participations(30, 30, 30)),
        List.of(
            new PrivacyStatement.LedgerLine(
                3, 30, List.of(new PrivacyStatement.Steps(0.2, 1.2, 150)))),
        List.of("sizes are public"),
        List.of("the choice of settings"));
  }
}
