package org.lorica.federation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.GradientSpace;
import org.lorica.model.Worker;
import org.lorica.privacy.audit.AuditResult;
import org.lorica.privacy.audit.CanaryTrace;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * The clients of an audited run: real training on real records, plus canaries of which a coin puts
 * half into the data, and an attacker who is the server and sees every noised sum. Canaries leave
 * sampling probabilities and noise as the plan made them. Some clients are trained twice, as after
 * a lost task.
 */
public final class AuditRun {
  /** Canaries are this much longer than the clip, so that a missing clip shows. */
  private static final double LENGTH = 10;

  private static final double RETRIED = 0.2;

  private final Workbench workbench;
  private final Settings settings;
  private final Map<Integer, Canaries> byClient = new ConcurrentHashMap<>();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger differed = new AtomicInteger();

  /** What a build makes of the plan: nothing else, unless it is broken. */
  @FunctionalInterface
  public interface Build {
    /** A build that does as planned. */
    Build SOUND = (planned, attempt) -> planned;

    /**
     * A participant as it is really trained.
     *
     * @param attempt 0, or 1 for a retry
     */
    Participant applied(Participant planned, int attempt);
  }

  /**
   * How the audit is made.
   *
   * @param canaries in all, spread evenly over the clients
   */
  public record Settings(int canaries, long seed, Build build) {
    public Settings {
      if (canaries < 100) {
        throw new IllegalArgumentException("canaries must be >= 100, got " + canaries);
      }
    }
  }

  public AuditRun(Workbench workbench, Settings settings) {
    this.workbench = workbench;
    this.settings = settings;
  }

  /** Canaries of one client, and what the attacker has seen of them. */
  private static final class Canaries {
    private final List<Example> all = new ArrayList<>();
    private final List<Example> inside = new ArrayList<>();
    private final CanaryTrace[] traces;

    Canaries(RandomKey coins, int count) {
      traces = new CanaryTrace[count];
      for (int j = 0; j < count; j++) {
        Example canary = new Example(new int[] {0}, Example.NO_LABEL);
        boolean in = coins.uniform(j) < 0.5;
        all.add(canary);
        traces[j] = CanaryTrace.unseen(in);
        if (in) {
          inside.add(canary);
        }
      }
    }

    void observe(Participant planned, ActiveTensors active, double[] sum) {
      if (traces.length > sum.length) {
        throw new IllegalArgumentException(
            "at most "
                + sum.length
                + " canaries a client have a trained value each, got "
                + traces.length
                + "; lower --canaries");
      }
      double bound = planned.terms().step().clipper().maxGradNorm();
      double sigma = planned.terms().step().noiseMultiplier();
      for (int j = 0; j < traces.length; j++) {
        double x = sum[CanaryWorker.coordinate(j, traces.length, active)] / bound;
        traces[j] = traces[j].plus(x, planned.terms().samplingProbability(), sigma);
      }
    }
  }

  /** Clients of this JVM that train with their canaries. */
  public ClientPool pool(int threads) {
    return LocalCohort.pool(this::train, threads);
  }

  private ClientUpdate train(LocalTask task, Participant planned) {
    if (task.plan().clipSpace() != GradientSpace.FACTORS) {
      throw new IllegalArgumentException(
          "strategy.clip-space must be factor for an audit, whose canaries are gradients of the"
              + " factors, got product");
    }
    return workbench.withWorker(worker -> train(worker, task, planned));
  }

  private ClientUpdate train(Worker honest, LocalTask task, Participant planned) {
    Canaries canaries = byClient.computeIfAbsent(planned.client(), this::place);
    double length = LENGTH * planned.terms().step().clipper().maxGradNorm();
    CanaryWorker worker = new CanaryWorker(honest, canaries.all, length);
    long[] released = {0};
    StepObserver attacker =
        (p, active, sum) -> {
          canaries.observe(planned, active, sum); // knows the plan, not what a build made of it
          released[0] = 31 * released[0] + Arrays.hashCode(sum);
        };
    ClientUpdate update =
        attempt(new LocalTrainer(worker, task, attacker), settings.build().applied(planned, 0));
    RandomKey coin = key().with(task.round());
    if (coin.uniform(planned.client()) < RETRIED) {
      long[] again = {0};
      StepObserver second = (p, active, sum) -> again[0] = 31 * again[0] + Arrays.hashCode(sum);
      attempt(new LocalTrainer(worker, task, second), settings.build().applied(planned, 1));
      retries.incrementAndGet();
      differed.addAndGet(again[0] == released[0] ? 0 : 1);
    }
    return update;
  }

  private ClientUpdate attempt(LocalTrainer trainer, Participant applied) {
    List<Example> examples = new ArrayList<>(workbench.population().examples(applied.client()));
    examples.addAll(byClient.get(applied.client()).inside);
    return trainer.train(applied, examples);
  }

  private Canaries place(int client) {
    int clients = workbench.population().clients();
    int extra = client < settings.canaries() % clients ? 1 : 0;
    return new Canaries(key().with(client), settings.canaries() / clients + extra);
  }

  private RandomKey key() {
    return RandomKey.root(settings.seed()).with(Purpose.CANARY);
  }

  /** What the attacker saw of the canaries of all clients that took part. */
  public List<CanaryTrace> traces() {
    return byClient.keySet().stream()
        .sorted()
        .flatMap(client -> Arrays.stream(byClient.get(client).traces))
        .toList();
  }

  /** Second attempts so far. */
  public AuditResult.Retries retries() {
    return new AuditResult.Retries(retries.get(), differed.get());
  }
}
