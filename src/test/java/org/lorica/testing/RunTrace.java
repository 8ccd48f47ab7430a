package org.lorica.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.HeldOut;
import org.lorica.federation.ServerState;
import org.lorica.federation.TrainingStats;
import org.lorica.federation.Turnout;
import org.lorica.federation.Workbench;
import org.lorica.privacy.Composition;
import org.lorica.privacy.Ledger;
import org.lorica.random.RandomKey;
import org.lorica.strategy.Strategies;

/** All that a run computes, timings aside: two equal traces are the same run, bit for bit. */
public record RunTrace(
    List<Round> rounds, Map<Integer, Ledger.Entry> ledger, Composition everybody) {

  /** One round's results. */
  public record Round(
      ServerState server,
      Optional<Evaluation> evaluation,
      OptionalDouble epsilon,
      TrainingStats stats,
      Turnout turnout,
      List<Long> bytes,
      Map<Integer, Ledger.Entry> charged) {}

  /** Runs a configuration on a pool. */
  public static RunTrace of(LoadedConfig config, ClientPool pool) {
    return of(config, pool, new Evaluator(Workbench.shared(config.resolvedHocon()), 2));
  }

  /** The same with evaluation of a given kind. */
  public static RunTrace of(LoadedConfig config, ClientPool pool, HeldOut heldOut) {
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    FederationPrivacy privacy =
        FederationPrivacy.of(config.run(), workbench.population().clients());
    List<Round> rounds = new ArrayList<>();
    Federation federation =
        new Federation(
            config.run(),
            workbench,
            Strategies.of(config.run()),
            privacy,
            List.of(
                r ->
                    rounds.add(
                        new Round(
                            r.server(),
                            r.evaluation(),
                            r.epsilon(),
                            r.traffic().stats(),
                            r.traffic().turnout(),
                            List.of(r.traffic().bytesUp(), r.traffic().bytesDown()),
                            new TreeMap<>(privacy.ledger().entries())))));
    federation.run(
        pool, workbench.initialAdapter(RandomKey.root(config.run().general().seed())), heldOut);
    return new RunTrace(
        rounds, new TreeMap<>(privacy.ledger().entries()), privacy.ledger().everybody());
  }
}
