package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.Example;
import org.lorica.federation.ClientOptimizer;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.LocalTask;
import org.lorica.federation.LocalTrainer;
import org.lorica.federation.Participant;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.TrainedRound;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.model.Model;
import org.lorica.model.Models;
import org.lorica.privacy.ClientTerms;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Matrix;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

/** What local training does to sums and clients, on a real model and without noise. */
class LocalDriftTest {
  private static final int CLIENTS = 4;
  private static final LaLora LALORA = new LaLora(1, 8, LaLora.Filter.NONE, OptionalDouble.empty());

  @TempDir private Path dir;
  private Model model;
  private AdapterSet start;

  @BeforeEach
  void load() {
    model = Models.load(TinyModels.bert(dir, 5), new CpuKernels());
    AdapterLayout layout = new AdapterLayout(TinyBackbones.queryAndValue(model), List.of(), 2, 2.0);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.3 * RandomKey.root(2).gaussian(i));
    }
    start = AdapterSet.of(layout, values);
  }

  /** Clients of one class each. */
  private static List<Example> examples(int client) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int[] ids = {1 + client, 2 + i, 3 + (client * 5 + i) % 17, 4};
      examples.add(new Example(ids, client % TinyModels.CLASSES));
    }
    return examples;
  }

  private static List<Participant> participants() {
    return IntStream.range(0, CLIENTS)
        .mapToObj(
            k ->
                new Participant(k, 1.0 / CLIENTS, ClientTerms.withoutPrivacy(1), RandomKey.root(9)))
        .toList();
  }

  private List<ClientUpdate> trained(Strategy strategy, RoundContext round, int steps) {
    ClientOptimizer.Settings sgd =
        new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 0.2, 0.2, 0);
    LocalTask task =
        new LocalTask(
            round.round(),
            round.global(),
            strategy.localPlan(round),
            new LocalTask.Training(steps, 5, 8, sgd, LocalTask.Measured.CROSS_TERMS));
    return participants().stream()
        .map(
            p ->
                new LocalTrainer(model.worker(start.layout()), task).train(p, examples(p.client())))
        .toList();
  }

  private double bias(Strategy strategy, int steps) {
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    Cohort cohort = new LocalCohort(trained(strategy, round, steps));
    AdapterSet next = strategy.aggregate(round, cohort);
    return SumErrors.of(round, cohort, next, Optional.empty()).averaging();
  }

  @Test
  void theBiasOfAveragingBothFactorsGrowsWithLocalSteps() {
    double before = 0;
    for (int steps : new int[] {1, 2, 4, 8}) {
      double bias = bias(new FedAvg(), steps);
      assertThat(bias).isGreaterThan(1.2 * before).isGreaterThan(1e-6);
      before = bias;
    }
    before = 0;
    for (int steps : new int[] {2, 4, 8}) {
      double bias = bias(LALORA, steps);
      assertThat(bias).isGreaterThan(1.2 * before).isGreaterThan(1e-6);
      before = bias;
    }
  }

  @Test
  void withOneFactorStandingStillThereIsNoBiasHoweverManySteps() {
    for (Strategy strategy : List.of(new FfaLora(), new RoLora(), new FedSvd())) {
      assertThat(bias(strategy, 8)).isLessThan(1e-7);
    }
    assertThat(bias(LALORA, 1)).isLessThan(1e-7); // the first step touches B only
  }

  @Test
  void theFirstStepOfLaLoraTouchesBOnlyAndTheSecondAOnly() {
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    AdapterSet one = trained(LALORA, round, 1).get(0).adapter();
    AdapterSet two = trained(LALORA, round, 2).get(0).adapter();
    assertThat(one.tensors(Set.of(Role.A))).isEqualTo(start.tensors(Set.of(Role.A)));
    assertThat(one.tensors(Set.of(Role.B))).isNotEqualTo(start.tensors(Set.of(Role.B)));
    assertThat(two.tensors(Set.of(Role.B))).isEqualTo(one.tensors(Set.of(Role.B)));
    assertThat(two.tensors(Set.of(Role.A))).isNotEqualTo(start.tensors(Set.of(Role.A)));
  }

  private Map<String, Object> agreement(Strategy strategy, int steps) {
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    Cohort cohort = new LocalCohort(trained(strategy, round, steps));
    return ClientAgreement.of(new TrainedRound(round, participants(), start, cohort, cohort));
  }

  /** Pairwise cosines by hand. */
  @Test
  void cosinesAreThoseOfAllPairsOfClients() {
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    List<ClientUpdate> updates = trained(new FedAvg(), round, 3);
    for (Role role : List.of(Role.A, Role.B)) {
      double sum = 0;
      for (int k = 0; k < CLIENTS; k++) {
        for (int l = 0; l < CLIENTS; l++) {
          if (k != l) {
            sum += cosine(moves(updates.get(k), role), moves(updates.get(l), role));
          }
        }
      }
      assertThat((double) agreement(new FedAvg(), 3).get("cosineOfUpdates" + role))
          .isCloseTo(sum / (CLIENTS * (CLIENTS - 1)), within(1e-9));
    }
    assertThat(agreement(new FfaLora(), 3)).doesNotContainKey("cosineOfUpdatesA");
  }

  private List<Matrix> moves(ClientUpdate update, Role role) {
    List<Matrix> after = update.adapter().tensors(Set.of(role));
    List<Matrix> before = start.tensors(Set.of(role));
    return IntStream.range(0, after.size())
        .mapToObj(t -> after.get(t).minus(before.get(t)))
        .toList();
  }

  private static double cosine(List<Matrix> one, List<Matrix> two) {
    return dot(one, two) / Math.sqrt(dot(one, one) * dot(two, two));
  }

  private static double dot(List<Matrix> one, List<Matrix> two) {
    double sum = 0;
    for (int t = 0; t < one.size(); t++) {
      double[] a = one.get(t).toArray();
      double[] b = two.get(t).toArray();
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
    }
    return sum;
  }

  /** One step of FedAvg by hand; methods that move one factor at a time have no cross term. */
  @Test
  void theCrossTermIsThatOfTheDenseProducts() {
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    double sum = 0;
    for (ClientUpdate update : trained(new FedAvg(), round, 1)) {
      double cross = 0;
      double linear = 0;
      for (int m = 0; m < start.layout().modules().size(); m++) {
        Matrix b = start.factors().get(m).b();
        Matrix a = start.factors().get(m).a();
        Matrix dB = update.adapter().factors().get(m).b().minus(b);
        Matrix dA = update.adapter().factors().get(m).a().minus(a);
        cross += Math.pow(dB.times(dA).norm(), 2);
        linear += Math.pow(dB.times(a).plus(b.times(dA)).norm(), 2);
      }
      sum += Math.sqrt(cross / linear) / CLIENTS;
    }
    assertThat(sum).isPositive();
    assertThat((double) agreement(new FedAvg(), 1).get("sameStepCrossTerm"))
        .isCloseTo(sum, within(1e-9));
    assertThat((double) agreement(LALORA, 4).get("sameStepCrossTerm")).isZero();
  }
}
