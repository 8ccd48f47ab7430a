package org.lorica.cli;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Population;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.Composition;
import org.lorica.privacy.Ledger;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.report.RunTables;

/** Every client that took part, with what it has spent. */
final class ClientRows {
  private ClientRows() {}

  /** By client, ascending; clients of equal accounts are accounted for once. */
  static Stream<RunTables.ClientRow> of(FederationPrivacy privacy, Population population) {
    PrivacyPlan plan = privacy.plan();
    Ledger ledger = privacy.ledger();
    boolean claimed = plan.terms().claim().made();
    double delta = plan.terms().claim().delta();
    boolean central = plan.central().isPresent();
    Map<Composition, Double> known = new ConcurrentHashMap<>();
    if (claimed) {
      Stream<Composition> distinct =
          central
              ? Stream.of(ledger.everybody())
              : ledger.entries().values().stream().map(Ledger.Entry::spent).distinct();
      distinct.parallel().forEach(s -> known.put(s, plan.accountant().epsilon(s, delta)));
    }
    double centralNoise = plan.central().map(r -> r.noiseMultiplier()).orElse(0.0);
    return ledger.entries().entrySet().stream()
        .map(
            entry -> {
              int client = entry.getKey();
              int examples = population.size(client);
              ClientTerms terms = plan.terms(examples);
              Composition spent = central ? ledger.everybody() : entry.getValue().spent();
              return new RunTables.ClientRow(
                  client,
                  examples,
                  entry.getValue().participations(),
                  claimed ? OptionalDouble.of(known.get(spent)) : OptionalDouble.empty(),
                  new RunTables.Terms(
                      Math.max(centralNoise, terms.noiseMultiplier()),
                      terms.samplingProbability()));
            });
  }
}
