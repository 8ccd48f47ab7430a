package org.lorica.federation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.audit.CanaryScore;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * The clients of an audited run: real training on real records, plus canaries of which a coin puts
 * half into the data, and an attacker who is the server and sees every noised sum. Canaries leave
 * sampling probabilities and noise as the plan made them.
 */
public final class AuditRun {
  /** Canaries are this much longer than the clip, so that a missing clip shows. */
  private static final double LENGTH = 10;

  private final Workbench workbench;
  private final Settings settings;
  private final Map<Integer, Canaries> byClient = new ConcurrentHashMap<>();

  /**
   * How the audit is made.
   *
   * @param canaries in all, spread evenly over the clients
   * @param build the terms as they are really applied; the identity, but for tests of the audit
   */
  public record Settings(int canaries, long seed, UnaryOperator<ClientTerms> build) {
    public Settings {
      if (canaries < 2) {
        throw new IllegalArgumentException("canaries must be >= 2, got " + canaries);
      }
    }
  }

  public AuditRun(Workbench workbench, Settings settings) {
    this.workbench = workbench;
    this.settings = settings;
  }

  /** Canaries of one client, and what the attacker has seen of them. */
  private final class Canaries {
    private final List<Example> all = new ArrayList<>();
    private final List<Example> inside = new ArrayList<>();
    private final boolean[] in;
    private final double[] seen;
    private double signal = 0;
    private double noise = 0;

    Canaries(int client, int count) {
      RandomKey coins = RandomKey.root(settings.seed()).with(Purpose.CANARY).with(client);
      this.in = new boolean[count];
      for (int j = 0; j < count; j++) {
        Example canary = new Example(new int[] {0}, Example.NO_LABEL);
        all.add(canary);
        in[j] = coins.uniform(j) < 0.5;
        if (in[j]) {
          inside.add(canary);
        }
      }
      this.seen = new double[count];
    }

    synchronized void observe(Participant participant, ActiveTensors active, double[] sum) {
      double bound = participant.terms().step().clipper().maxGradNorm();
      double sigma = participant.terms().step().noiseMultiplier();
      for (int j = 0; j < seen.length; j++) {
        seen[j] += sum[CanaryWorker.coordinate(j, seen.length, active)] / bound;
      }
      signal += participant.terms().samplingProbability();
      noise += sigma * sigma;
    }

    /** Log-likelihood ratio if all but the canary were Gaussian noise. */
    List<CanaryScore> scores() {
      List<CanaryScore> scores = new ArrayList<>();
      for (int j = 0; j < seen.length; j++) {
        double score = noise == 0 ? seen[j] : (seen[j] - signal / 2) * signal / noise;
        scores.add(new CanaryScore(in[j], score));
      }
      return scores;
    }
  }

  /** Clients of this JVM that train with their canaries. */
  public ClientPool pool(int threads) {
    return LocalCohort.pool(this::train, threads);
  }

  private ClientUpdate train(LocalTask task, Participant planned) {
    Canaries canaries = byClient.computeIfAbsent(planned.client(), c -> new Canaries(c, share(c)));
    Participant applied =
        new Participant(
            planned.client(),
            planned.weight(),
            settings.build().apply(planned.terms()),
            planned.key());
    List<Example> examples = new ArrayList<>(workbench.population().examples(planned.client()));
    examples.addAll(canaries.inside);
    int values = task.global().layout().size();
    if (canaries.all.size() > values) {
      throw new IllegalArgumentException(
          "at most "
              + values
              + " canaries a client fit its trained values, got "
              + canaries.all.size());
    }
    CanaryWorker worker =
        new CanaryWorker(
            workbench.worker(),
            canaries.all,
            LENGTH * planned.terms().step().clipper().maxGradNorm());
    // The attacker knows the plan, not what a broken build made of it.
    StepObserver attacker = (p, active, sum) -> canaries.observe(planned, active, sum);
    return new LocalTrainer(worker, task, attacker).train(applied, examples);
  }

  private int share(int client) {
    int clients = workbench.population().clients();
    return settings.canaries() / clients + (client < settings.canaries() % clients ? 1 : 0);
  }

  /** Scores of the canaries of all clients that took part. */
  public List<CanaryScore> scores() {
    return byClient.keySet().stream()
        .sorted()
        .flatMap(client -> byClient.get(client).scores().stream())
        .toList();
  }
}
