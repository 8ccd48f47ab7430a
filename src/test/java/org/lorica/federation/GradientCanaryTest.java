package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lorica.data.Example;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.BatchSampler;
import org.lorica.privacy.ClientTerms;
import org.lorica.privacy.FixedSizeSampler;
import org.lorica.privacy.PldAccountant;
import org.lorica.privacy.PoissonSampler;
import org.lorica.privacy.PrivacyPlan;
import org.lorica.privacy.Protocol;
import org.lorica.random.DrawKey;
import org.lorica.random.RandomKey;
import org.lorica.random.SecretKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.testing.BrokenBuilds;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/**
 * The real trainer on no data but one canary whose gradient is ten times the clip: over 2,000 steps
 * ⟨noisy sum, u⟩/C must be N(1, σ²) with it and N(0, σ²) without, for each factor, for the first
 * and the last client. Kolmogorov–Smirnov, false-alarm rate 1e-5 a check; broken builds must be
 * caught.
 */
class GradientCanaryTest {
  private static final double FALSE_ALARM = 1e-5;
  private static final double C = 0.7;
  private static final double SIGMA = 1.3;
  private static final int STEPS = 100;
  private static final int ROUNDS = 20;
  private static final int BATCH = 4;

  @TempDir private Path dir;
  private Model model;
  private AdapterLayout layout;
  private AdapterSet start;

  @BeforeEach
  void load() throws IOException {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    layout = new AdapterLayout(TinyBackbones.queryAndValue(model), List.of(), 2, 1.0);
    start = AdapterInit.fresh(layout, new float[0], RandomKey.root(1));
  }

  /** Terms with q = 1, so that the canary is in every batch. */
  private static ClientTerms terms(Protocol.NoiseMode noise) {
    return new PrivacyPlan(
            new PrivacyPlan.Terms(
                new Protocol(
                    Protocol.Unit.RECORD,
                    Protocol.ThreatModel.SERVER,
                    Protocol.Sampler.POISSON,
                    Protocol.Participation.ROUND_ROBIN,
                    noise),
                new PrivacyPlan.Claim(OptionalDouble.empty(), OptionalDouble.of(SIGMA), C, 1e-5),
                new PrivacyPlan.Batches(OptionalDouble.of(1), BATCH),
                new PrivacyPlan.Horizon(ROUNDS, STEPS, ROUNDS, 1)),
            new PldAccountant())
        .terms(1);
  }

  /** ⟨noisy sum, u⟩/C of every step; u is the first coordinate of the trained factor. */
  private double[] scores(ClientTerms terms, Role factor, boolean in, int client) {
    List<Double> scores = new ArrayList<>();
    Example canary = new Example(new int[] {0}, 0);
    CanaryWorker worker = new CanaryWorker(model.worker(layout), List.of(canary), 10 * C);
    StepObserver observer = (p, active, sum) -> scores.add(sum[0] / C);
    for (int round = 0; round < ROUNDS; round++) {
      new LocalTrainer(worker, task(round, factor), observer)
          .train(participant(round, client, terms), in ? List.of(canary) : List.of());
    }
    return scores.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private LocalTask task(int round, Role factor) {
    ClientOptimizer.Settings frozen =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0, 0, 0);
    return new LocalTask(
        round,
        start,
        LocalPlan.always(Set.of(factor)),
        new LocalTask.Training(STEPS, BATCH, 8, frozen));
  }

  private static Participant participant(int round, int client, ClientTerms terms) {
    boolean simulation = terms.step().noiser().batch(2) == 2;
    DrawKey key = simulation ? RandomKey.root(20261121).with(round) : SecretKey.fresh().with(round);
    return new Participant(client, 1, terms, key);
  }

  private static double pValue(double[] scores, double mean) {
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovTest(new NormalDistribution(null, mean, SIGMA), scores);
  }

  @ParameterizedTest
  @EnumSource(Protocol.NoiseMode.class)
  void theCanaryMovesTheNoisySumByExactlyTheSensitivity(Protocol.NoiseMode noise) {
    ClientTerms terms = terms(noise);
    for (Role factor : List.of(Role.B, Role.A)) {
      for (int client : new int[] {0, 999_999}) {
        assertThat(pValue(scores(terms, factor, true, client), 1)).isGreaterThan(FALSE_ALARM);
        assertThat(pValue(scores(terms, factor, false, client), 0)).isGreaterThan(FALSE_ALARM);
      }
    }
    assertThat(pValue(scores(terms, Role.B, true, 0), 0)).isLessThan(FALSE_ALARM);
  }

  @ParameterizedTest
  @EnumSource(BrokenBuilds.class)
  void brokenBuildsAreCaught(BrokenBuilds broken) {
    ClientTerms terms = broken.of(terms(Protocol.NoiseMode.SIMULATION), BATCH);
    assertThat(pValue(scores(terms, Role.B, true, 0), 1)).isLessThan(FALSE_ALARM);
  }

  /** A second attempt must repeat the first one's noise; fresh noise could be averaged away. */
  @ParameterizedTest
  @EnumSource(Protocol.NoiseMode.class)
  void aRetryRepeatsItsNoiseAndOneThatRedrawsIsCaught(Protocol.NoiseMode noise) {
    Participant planned = participant(0, 3, terms(noise));
    assertThat(noiseRepeats(planned, attempt -> planned.key())).isTrue();
    assertThat(noiseRepeats(planned, attempt -> planned.key().with(attempt))).isFalse();
  }

  /** Trains twice on no data, as a task that was lost and run again. */
  private boolean noiseRepeats(Participant planned, IntFunction<DrawKey> keyOfAttempt) {
    List<Double> sums = new ArrayList<>();
    for (int attempt = 0; attempt < 2; attempt++) {
      Participant retried =
          new Participant(
              planned.client(), planned.weight(), planned.terms(), keyOfAttempt.apply(attempt));
      StepObserver observer = (p, active, sum) -> sums.add(sum[0]);
      new LocalTrainer(model.worker(layout), task(0, Role.B), observer).train(retried, List.of());
    }
    int half = sums.size() / 2;
    return sums.subList(0, half).equals(sums.subList(half, sums.size()));
  }

  /**
   * Poisson batches have binomial sizes. χ² of the sizes against their variance, 400 batches;
   * shuffled and fixed-size batches have none.
   */
  @Test
  void batchSizesAreBinomialAndAShufflingSamplerIsCaught() {
    BatchSampler poisson = terms(Protocol.NoiseMode.SIMULATION).sampler();
    assertThat(poisson).isInstanceOf(PoissonSampler.class);
    assertThat(dispersion(new PoissonSampler(0.2))).isBetween(0.7, 1.35);
    for (FixedSizeSampler.Order order : FixedSizeSampler.Order.values()) {
      assertThat(dispersion(new FixedSizeSampler(10, order))).isLessThan(0.7);
    }
  }

  /** Variance of batch sizes over the binomial one; 1 ± 0.31 at 1e-5 over 400 batches. */
  private static double dispersion(BatchSampler sampler) {
    BinomialDistribution binomial = new BinomialDistribution(null, 50, 0.2);
    double sum = 0;
    for (int step = 1; step <= 400; step++) {
      int size = sampler.sample(RandomKey.root(4), step, 50).length;
      sum += Math.pow(size - binomial.getNumericalMean(), 2);
    }
    return sum / 400 / binomial.getNumericalVariance();
  }
}
