package org.lorica.federation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lorica.config.RunConfig;
import org.lorica.lora.AdapterSet;
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
  }

  /** Runs all rounds from {@code start} and returns the last global adapter. */
  public AdapterSet run(ClientPool pool, AdapterSet start, Evaluator evaluator) {
    RandomKey key = RandomKey.root(config.general().seed());
    int rounds = config.federation().rounds();
    CohortSchedule schedule = schedule(config, workbench.population());
    AdapterSet global = start;
    StrategyState state = StrategyState.NONE;
    for (int round = 0; round < rounds; round++) {
      Map<String, Double> seconds = new LinkedHashMap<>();
      List<Participant> participants = participants(schedule.next());
      LocalTask.Training training = privacy.training(config);
      CohortNoise noise = CohortNoise.of(participants, training.expectedBatch());
      RoundContext context = new RoundContext(round, key, global, state, noise);
      LocalTask task = new LocalTask(round, key, global, strategy.localPlan(context), training);
      long begin = System.nanoTime();
      RoundResult.Traffic traffic;
      try (MeteredCohort cohort =
          new MeteredCohort(pool.train(task, participants), global.layout())) {
        TrainingStats stats = cohort.stats();
        seconds.put("train", since(begin));
        begin = System.nanoTime();
        global = strategy.aggregate(context, cohort);
        state = strategy.remember(context, global, cohort);
        seconds.put("aggregate", since(begin));
        privacy.charge(participants);
        long adapterBytes = (long) global.layout().size() * Float.BYTES;
        traffic =
            new RoundResult.Traffic(
                stats, cohort.bytesUp(), adapterBytes + cohort.bytesDown(), seconds);
      }
      begin = System.nanoTime();
      boolean due = (round + 1) % config.federation().evaluateEvery() == 0 || round + 1 == rounds;
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

  /** Who takes part when. */
  public static CohortSchedule schedule(RunConfig config, Population population) {
    return new CohortSchedule(
        population.clients(),
        config.federation().clientsPerRound(),
        RandomKey.root(config.general().seed()));
  }

  private List<Participant> participants(List<Integer> clients) {
    Population population = workbench.population();
    boolean byExamples =
        config.federation().weights() == RunConfig.FederationConfig.Weights.EXAMPLES;
    long total = clients.stream().mapToLong(population::size).sum();
    List<Participant> participants = new ArrayList<>();
    for (int client : clients) {
      double weight = byExamples ? (double) population.size(client) / total : 1.0 / clients.size();
      participants.add(new Participant(client, weight, privacy.terms(population.size(client))));
    }
    return participants;
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
