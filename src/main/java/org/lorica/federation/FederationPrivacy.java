package org.lorica.federation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.lorica.config.RunConfig;
import org.lorica.privacy.Accountant;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.PrivacyPlan;

/** The privacy plan of a federation, and the ledger of who took part how often. */
public final class FederationPrivacy {
  private final PrivacyPlan plan;
  private final Map<Integer, Spent> ledger = new HashMap<>();
  private final Map<Spent, Double> known = new HashMap<>();

  public FederationPrivacy(PrivacyPlan plan) {
    this.plan = plan;
  }

  private record Spent(ClientTerms terms, int participations) {}

  /**
   * The plan of a configuration: calibrated for the greatest number of participations that the
   * schedule allows.
   */
  public static PrivacyPlan plan(RunConfig config, CohortSchedule schedule, Accountant accountant) {
    RunConfig.PrivacyConfig privacy = config.privacy();
    boolean none = privacy.mode() == RunConfig.PrivacyConfig.Mode.NONE;
    PrivacyPlan.Claim claim =
        none
            ? new PrivacyPlan.Claim(
                OptionalDouble.empty(), OptionalDouble.empty(), privacy.maxGradNorm())
            : new PrivacyPlan.Claim(
                privacy.epsilon(), privacy.noiseMultiplier(), privacy.maxGradNorm());
    return new PrivacyPlan(
        new PrivacyPlan.Terms(
            claim,
            privacy.delta(),
            new PrivacyPlan.Sampling(privacy.samplingProbability(), privacy.expectedBatchSize()),
            config.federation().localSteps(),
            schedule.participationCap(config.federation().rounds())),
        accountant);
  }

  public PrivacyPlan plan() {
    return plan;
  }

  /**
   * Calibrates the noise of all clients before the first round, so that what cannot be reached is
   * said at once.
   */
  public void calibrate(Population population) {
    IntStream.range(0, population.clients())
        .map(population::size)
        .distinct()
        .parallel()
        .forEach(plan::terms);
  }

  ClientTerms terms(int records) {
    return plan.terms(records);
  }

  LocalTask.Training training(RunConfig config) {
    RunConfig.OptimizerConfig o = config.optimizer();
    return new LocalTask.Training(
        config.federation().localSteps(),
        config.privacy().expectedBatchSize(),
        config.federation().packing().microBatch(),
        new ClientOptimizer.Settings(
            ClientOptimizer.Kind.valueOf(o.kind().name()),
            o.learningRateA(),
            o.learningRateB(),
            o.learningRateHead()));
  }

  /** Every participant of a round has spent τ steps, whatever came of its training. */
  void charge(List<Participant> participants) {
    for (Participant p : participants) {
      ledger.merge(
          p.client(),
          new Spent(p.terms(), 1),
          (old, one) -> new Spent(one.terms(), old.participations() + 1));
    }
  }

  /** ε spent so far, the greatest over clients; empty where nothing is claimed. */
  public OptionalDouble epsilonSoFar() {
    return plan.terms().claim().made()
        ? greatest(plan.accountant(), known)
        : OptionalDouble.empty();
  }

  /** The same by another accountant. */
  public OptionalDouble epsilonBy(Accountant accountant) {
    return plan.terms().claim().made()
        ? greatest(accountant, new HashMap<>())
        : OptionalDouble.empty();
  }

  private OptionalDouble greatest(Accountant accountant, Map<Spent, Double> cache) {
    return ledger.values().stream()
        .distinct()
        .mapToDouble(
            s ->
                cache.computeIfAbsent(
                    s, k -> plan.epsilon(k.terms(), k.participations(), accountant)))
        .max();
  }

  /** Participations of every client that took part at least once, ascending. */
  public List<Integer> participations() {
    return ledger.values().stream().map(Spent::participations).sorted().toList();
  }

  /** Smallest and greatest of a figure of the charged terms, such as σ. */
  public double[] range(ToDoubleFunction<ClientTerms> figure) {
    return ledger.values().stream()
        .mapToDouble(s -> figure.applyAsDouble(s.terms()))
        .collect(
            () -> new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY},
            (r, v) -> {
              r[0] = Math.min(r[0], v);
              r[1] = Math.max(r[1], v);
            },
            (a, b) -> {
              a[0] = Math.min(a[0], b[0]);
              a[1] = Math.max(a[1], b[1]);
            });
  }
}
