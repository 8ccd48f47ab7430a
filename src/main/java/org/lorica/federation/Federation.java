package org.lorica.federation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.lorica.config.FederationConfig;
import org.lorica.config.Overlap;
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
  private final LocalTask.Training training;
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
    this.training = LocalTask.Training.of(config);
    this.listeners = List.copyOf(listeners);
    privacy.requireCovers(strategy);
  }

  /** Runs all rounds from {@code start} and returns the last global adapter. */
  public AdapterSet run(ClientPool pool, AdapterSet start, HeldOut heldOut) {
    return run(pool, RoundsDone.none(start), heldOut);
  }

  /**
   * Runs the rounds that are not done yet and returns the last global adapter. The ledger must hold
   * what the done rounds have spent: {@link FederationPrivacy#restore}.
   *
   * <p>Where the configuration lets evaluation overlap and {@code heldOut} fits beside training,
   * the end of a round (evaluation, ε, listeners) goes on while the next one trains. It is over
   * before the next one charges the ledger, so that listeners find ledger and strategy as the round
   * left them.
   */
  public AdapterSet run(ClientPool pool, RoundsDone done, HeldOut heldOut) {
    int rounds = config.federation().rounds();
    CohortSchedule schedule = privacy.schedule(done.rounds());
    ServerState server = done.server();
    boolean overlap =
        config.federation().packing().overlapEvaluation() == Overlap.ON
            && heldOut.fitsBesideTraining();
    try (RoundEnds ends = overlap ? RoundEnds.besideTraining() : RoundEnds.atOnce()) {
      for (int round = done.rounds(); round < rounds; round++) {
        Planned planned = new Planned(round, participants(round, schedule.next()), ends);
        Step step = step(pool, server, planned);
        server = step.server();
        int number = round;
        ends.begin(() -> end(number, step, heldOut));
      }
    }
    return server.adapter();
  }

  private void end(int round, Step step, HeldOut heldOut) {
    long begin = System.nanoTime();
    Optional<Evaluation> evaluation =
        isDue(round) ? Optional.of(heldOut.of(step.server().adapter())) : Optional.empty();
    step.seconds().put("evaluate", since(begin));
    RoundResult result =
        new RoundResult(
            round + 1, step.server(), evaluation, privacy.epsilonSoFar(), step.traffic());
    listeners.forEach(l -> l.roundFinished(result));
  }

  private boolean isDue(int round) {
    int every = config.federation().evaluateEvery();
    boolean last = round + 1 == config.federation().rounds();
    return (last || (every > 0 && (round + 1) % every == 0))
        && !workbench.population().test().isEmpty();
  }

  /** A round up to its evaluation. */
  private record Step(
      ServerState server,
      TrainingStats stats,
      Turnout turnout,
      long bytesUp,
      long bytesDown,
      Map<String, Double> seconds) {
    RoundResult.Traffic traffic() {
      return new RoundResult.Traffic(stats, turnout, bytesUp, bytesDown, seconds);
    }
  }

  /** A round that is about to begin, while the one before may be ending. */
  private record Planned(int round, List<Participant> participants, RoundEnds before) {}

  private Step step(ClientPool pool, ServerState before, Planned planned) {
    int round = planned.round();
    List<Participant> participants = planned.participants();
    Map<String, Double> seconds = new LinkedHashMap<>();
    RoundContext start = context(round, before, participants);
    LocalTask task = new LocalTask(round, before.adapter(), strategy.localPlan(start), training);
    long begin = System.nanoTime();
    try (Cohort trained = train(pool, task, planned)) {
      MeteredCohort cohort = new MeteredCohort(trained, task.global().layout());
      TrainingStats stats = cohort.stats();
      Turnout turnout = Turnout.of(cohort, config.federation().minClients());
      requireSomeTrained(round, stats, turnout);
      seconds.put("train", since(begin));
      begin = System.nanoTime();
      planned.before().await();
      if (planned.before().overlap()) {
        seconds.put("wait", since(begin));
      }
      begin = System.nanoTime();
      privacy.charge(participants);
      ServerState after = before;
      Optional<TrainedRound> seen = Optional.empty();
      if (turnout.status() == Turnout.Status.AGGREGATED) {
        Cohort released = released(cohort, task, participants);
        RoundContext context = context(round, before, remaining(participants, turnout));
        AdapterSet next = strategy.aggregate(context, released);
        after = new ServerState(next, strategy.remember(context, next, released));
        seen =
            Optional.of(
                new TrainedRound(
                    context, remaining(participants, turnout), next, trained, released));
      }
      seconds.put("aggregate", since(begin));
      seconds.put("driver", since(begin) - cohort.seconds()); // of it, what no client does
      long adapterBytes = (long) task.global().layout().size() * Float.BYTES;
      Step step =
          new Step(
              after, stats, turnout, cohort.bytesUp(), adapterBytes + cohort.bytesDown(), seconds);
      seen.ifPresent(s -> listeners.forEach(l -> l.roundTrained(s)));
      return step;
    }
  }

  private RoundContext context(int round, ServerState before, List<Participant> participants) {
    return new RoundContext(
        round,
        RandomKey.root(config.general().seed()),
        before.adapter(),
        before.strategy(),
        privacy.noise(participants));
  }

  /** Those whose noise is in the sums. */
  private static List<Participant> remaining(List<Participant> called, Turnout turnout) {
    Set<Integer> dropped =
        turnout.dropped().stream().map(ClientFailure::client).collect(Collectors.toSet());
    return called.stream().filter(p -> !dropped.contains(p.client())).toList();
  }

  /** Where nobody can train from the start, something is wrong that no round will mend. */
  private static void requireSomeTrained(int round, TrainingStats stats, Turnout turnout) {
    List<ClientFailure> dropped = turnout.dropped();
    if (round == 0 && !dropped.isEmpty() && dropped.size() == stats.clients()) {
      throw new IllegalArgumentException(
          "training failed for all "
              + dropped.size()
              + " clients of the first round, such as "
              + dropped.get(0));
    }
  }

  /** An empty cohort trains nothing; what then happens is for {@link #released} to say. */
  private static Cohort train(ClientPool pool, LocalTask task, Planned planned) {
    return planned.participants().isEmpty()
        ? new LocalCohort(List.of())
        : pool.train(task, planned.participants(), planned.before()::trainingStarted);
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
    if (config.federation().participation() == FederationConfig.Participation.POISSON) {
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
    FederationConfig federation = config.federation();
    boolean random = federation.participation() == FederationConfig.Participation.POISSON;
    if (privacy.plan().central().isPresent()) {
      return client -> 1;
    }
    if (federation.weights() == FederationConfig.Weights.UNIFORM) {
      double expected = random ? privacy.expectedCohort() : cohort.size();
      return client -> 1 / expected;
    }
    double total =
        random
            ? privacy.expectedCohort() / population.clients() * population.records()
            : cohort.stream().mapToLong(population::size).sum();
    return client -> population.size(client) / total;
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
