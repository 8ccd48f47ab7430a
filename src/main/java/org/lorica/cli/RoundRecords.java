package org.lorica.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.lorica.config.FederationConfig;
import org.lorica.config.PrivacyConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.Evaluation;
import org.lorica.federation.RoundResult;
import org.lorica.federation.Turnout;
import org.lorica.report.RoundRecord;

/** Rounds as {@code rounds.jsonl} tells of them. */
final class RoundRecords {
  private RoundRecords() {}

  static RoundRecord of(RunConfig config, RoundResult result) {
    RoundResult.Traffic traffic = result.traffic();
    boolean simulation =
        config.privacy().noise().mode() == PrivacyConfig.Noise.NoiseMode.SIMULATION;
    RoundRecord.Quality quality =
        new RoundRecord.Quality(
            simulation
                ? OptionalDouble.of(traffic.stats().meanLoss())
                : OptionalDouble.empty(), // of private data, without noise
            figure(result.evaluation(), Evaluation::loss),
            result.evaluation().map(Evaluation::metricName).orElse(""),
            figure(result.evaluation(), Evaluation::metric),
            result.evaluation().map(Evaluation::metrics).orElse(Map.of()));
    return new RoundRecord(
        result.round(),
        config.federation().rounds(),
        quality,
        result.epsilon(),
        traffic.stats().clients(),
        faults(traffic.turnout(), traffic.stats().splits()),
        new RoundRecord.Traffic(traffic.bytesUp(), traffic.bytesDown()),
        traffic.seconds(),
        privateFields(config, simulation));
  }

  private static List<String> privateFields(RunConfig config, boolean simulation) {
    List<String> fields = new ArrayList<>(simulation ? List.of("trainLoss") : List.of());
    fields.add("faults");
    if (config.federation().participation() == FederationConfig.Participation.POISSON) {
      fields.add("clients"); // outsiders must not know who came, nor how many
    }
    return fields;
  }

  private static OptionalDouble figure(
      Optional<Evaluation> evaluation, ToDoubleFunction<Evaluation> figure) {
    return evaluation
        .map(e -> OptionalDouble.of(figure.applyAsDouble(e)))
        .orElse(OptionalDouble.empty());
  }

  private static RoundRecord.Faults faults(Turnout turnout, long splits) {
    return new RoundRecord.Faults(
        turnout.status().name().toLowerCase(Locale.ROOT),
        turnout.dropped().stream()
            .map(d -> new RoundRecord.Dropped(d.client(), d.reason()))
            .toList(),
        splits);
  }
}
