package org.lorica.federation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.lorica.config.RunConfig;
import org.lorica.lora.AdapterSet;
import org.lorica.privacy.Release;
import org.lorica.random.DrawKey;
import org.lorica.random.RandomKey;

/** The round loop. */
public final class Federation {
  private final RunConfig config;
  private final Workbench workbench;
  private final Strategy strategy;
  private final FederationPrivacy privacy;
  private final List<RoundListener> listeners;

  public Federation(
      RunConfig config,
      Workbench workbench,
      Strategy strategy,
      FederationPrivacy privacy,
      List<RoundListener> listeners) {
    this.config = config;
    this.workbench = workbench;
    this.strategy = strategy;
    this.privacy = privacy;
    this.listeners = List.copyOf(listeners);
    privacy.requireCovers(strategy);
  }

  /** Runs all rounds from {@code start} and returns the last global adapter. */
  public AdapterSet run(ClientPool pool, AdapterSet start, Evaluator evaluator) {
    RandomKey key = RandomKey.root(config.general().seed());
    int rounds = config.federation().rounds();
    CohortSchedule schedule = privacy.schedule();
    AdapterSet global = start;
    StrategyState state = StrategyState.NONE;
    for (int round = 0; round < rounds; round++) {
      Map<String, Double> seconds = new LinkedHashMap<>();
      List<Participant> participants = participants(round, schedule.next());
      LocalTask.Training training = privacy.training();
      CohortNoise noise = CohortNoise.of(participants, training.expectedBatch());
      RoundContext context = new RoundContext(round, key, global, state, noise);
      LocalTask task = new LocalTask(round, global, strategy.localPlan(context), training);
      long begin = System.nanoTime();
      RoundResult.Traffic traffic;
      try (Cohort trained = train(pool, task, participants)) {
        MeteredCohort cohort = new MeteredCohort(trained, global.layout());
        TrainingStats stats = cohort.stats();
        seconds.put("train", since(begin));
        begin = System.nanoTime();
        privacy.charge(participants);
        Cohort released = released(cohort, task, participants);
        global = strategy.aggregate(context, released);
        state = strategy.remember(context, global, released);
        seconds.put("aggregate", since(begin));
        seconds.put("driver", since(begin) - cohort.seconds()); // of it, what no client does
        long adapterBytes = (long) global.layout().size() * Float.BYTES;
        traffic =
            new RoundResult.Traffic(
                stats, cohort.bytesUp(), adapterBytes + cohort.bytesDown(), seconds);
        TrainedRound seen = new TrainedRound(context, participants, global, trained, released);
        listeners.forEach(l -> l.roundTrained(seen));
      }
      begin = System.nanoTime();
      int every = config.federation().evaluateEvery();
      boolean due = round + 1 == rounds || (every > 0 && (round + 1) % every == 0);
      Optional<Evaluation> evaluation =
          due
              ? Optional.of(evaluator.evaluate(global, workbench.population().test()))
              : Optional.empty();
      seconds.put("evaluate", since(begin));
      RoundResult result =
          new RoundResult(
              round + 1,
              new ServerState(global, state),
              evaluation,
              privacy.epsilonSoFar(),
              traffic);
      listeners.forEach(l -> l.roundFinished(result));
    }
    return global;
  }

  /** An empty cohort trains nothing; what then happens is for {@link #released} to say. */
  private static Cohort train(ClientPool pool, LocalTask task, List<Participant> participants) {
    return participants.isEmpty() ? new LocalCohort(List.of()) : pool.train(task, participants);
  }

  /** What the strategy may sum: the server's noise and the public denominators are in it. */
  private Cohort released(Cohort cohort, LocalTask task, List<Participant> participants) {
    Optional<Release> central = privacy.plan().central();
    if (central.isPresent()) {
      DrawKey noise =
          privacy.serverKey(task.round()).with(task.global().digest()).with(task.plan().digest());
      return new CentralRelease(central.get(), task.trained(), privacy.expectedCohort())
          .noised(cohort, task.global(), noise);
    }
    if (config.federation().participation() == RunConfig.FederationConfig.Participation.POISSON) {
      double came = participants.stream().mapToDouble(Participant::weight).sum();
      return new PublicDenominator(cohort, task.global(), 1 - came);
    }
    return cohort;
  }

  private List<Participant> participants(int round, List<Integer> clients) {
    ToDoubleFunction<Integer> weight = weights(clients);
    List<Participant> participants = new ArrayList<>();
    for (int client : clients) {
      participants.add(
          new Participant(
              client,
              weight.applyAsDouble(client),
              privacy.terms(workbench.population().size(client)),
              privacy.key(round, client)));
    }
    return participants;
  }

  /** Denominators are public: with random cohorts, those of the expected cohort. */
  private ToDoubleFunction<Integer> weights(List<Integer> cohort) {
    Population population = workbench.population();
    RunConfig.FederationConfig federation = config.federation();
    boolean random = federation.participation() == RunConfig.FederationConfig.Participation.POISSON;
    if (privacy.plan().central().isPresent()) {
      return client -> 1;
    }
    if (federation.weights() == RunConfig.FederationConfig.Weights.UNIFORM) {
      double expected = random ? privacy.expectedCohort() : cohort.size();
      return client -> 1 / expected;
    }
    double total =
        random
            ? privacy.expectedCohort()
                / population.clients()
                * IntStream.range(0, population.clients()).mapToLong(population::size).sum()
            : cohort.stream().mapToLong(population::size).sum();
    return client -> population.size(client) / total;
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
