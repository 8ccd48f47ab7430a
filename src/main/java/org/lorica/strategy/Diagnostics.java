package org.lorica.strategy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lorica.config.RunConfig;
import org.lorica.federation.CurvatureProbe;
import org.lorica.federation.RoundListener;
import org.lorica.federation.RoundResult;
import org.lorica.federation.Strategy;
import org.lorica.federation.StrategyState;
import org.lorica.federation.TrainedRound;
import org.lorica.federation.Workbench;

/**
 * Quantities by which papers argue, of the rounds that the configuration wants diagnosed. They read
 * what no ε covers: for simulation only.
 */
public final class Diagnostics implements RoundListener {
  private final RunConfig config;
  private final Strategy strategy;
  private final Optional<CurvatureProbe> curvature;
  private final FactorShares shares = new FactorShares();
  private Map<String, Object> latest = Map.of();
  private int latestRound = 0;

  /** Diagnostics of one run. */
  public Diagnostics(RunConfig config, Strategy strategy, Workbench workbench) {
    this.config = config;
    this.strategy = strategy;
    boolean wanted = config.diagnostics().wanted() && config.diagnostics().hessianExamples() > 0;
    this.curvature =
        wanted
            ? Optional.of(
                CurvatureProbe.of(
                    workbench,
                    config.diagnostics().hessianExamples(),
                    config.diagnostics().hessianIterations()))
            : Optional.empty();
  }

  @Override
  public void roundTrained(TrainedRound round) {
    int number = round.context().round() + 1;
    if (!config.diagnostics().wanted()) {
      return;
    }
    shares.add(
        round.context().global().layout(),
        strategy.localPlan(round.context()),
        config.federation().localSteps());
    if (!config.diagnostics().due(number)) {
      return;
    }
    Map<String, Object> named = new LinkedHashMap<>(shares.named());
    if (!round.participants().isEmpty()) {
      named.putAll(
          SumErrors.of(
                  round.context(),
                  round.released(),
                  round.next(),
                  SumErrors.SketchSize.of(strategy, round.context().global().layout()))
              .named());
      named.putAll(ClientAgreement.of(round));
    }
    curvature.ifPresent(
        probe -> named.put("topHessianEigenvalue", probe.at(round.next(), round.context().key())));
    latest = named;
    latestRound = number;
  }

  /** What later rounds' diagnostics build on, for a run that may have to go on. */
  public StrategyState state() {
    return shares.state();
  }

  /** Takes over what {@link #state} gave after the rounds that are done. */
  public void restore(StrategyState state) {
    shares.restore(state);
  }

  @Override
  public void roundFinished(RoundResult result) {}

  /**
   * Of the round that just trained; empty where it was not diagnosed.
   *
   * @param round counted from 1
   */
  public Map<String, Object> of(int round) {
    return round == latestRound ? latest : Map.of();
  }
}
