package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

/** FedEx-LoRA and FLoRA: what the adapter cannot hold goes into the frozen weights. */
class FoldingTest {
  private static final int RANK = 3;
  private static final int CLIENTS = 4;

  static Stream<Strategy> folding() {
    return Stream.of(new FedEx(), new Flora());
  }

  private static Matrix whole(AdapterSet adapter, int module) {
    Matrix product = adapter.factors().get(module).product();
    return adapter.base().isEmpty()
        ? product
        : product.plus(adapter.base().factors().get(module).product());
  }

  /** Adapter and frozen weights together are the mean of the clients' models, round after round. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("folding")
  void nothingIsLostOverSeveralRounds(Strategy strategy) {
    AdapterSet global = RandomClients.start(1, RANK);
    for (int r = 0; r < 6; r++) {
      RoundContext round = new RoundContext(r, RandomKey.root(1), global);
      RandomClients clients =
          RandomClients.drifted(global, strategy.localPlan(round), 1, CLIENTS, r);
      AdapterSet next = strategy.aggregate(round, clients.cohort());
      for (int m = 0; m < 2; m++) {
        Matrix before =
            global.base().isEmpty()
                ? Matrix.zeros(next.factors().get(m).b().rows(), next.factors().get(m).a().cols())
                : global.base().factors().get(m).product();
        Matrix expected = before.plus(clients.dense(m));
        assertThat(RandomClients.relativeError(whole(next, m), expected)).isLessThan(1e-10);
      }
      assertThat(next.tensors(Set.of(Role.HEAD)).get(0).norm()).isPositive();
      global = next;
    }
  }

  @Test
  void fedExKeepsTheMeansInTheAdapter() {
    AdapterSet start = RandomClients.start(1, RANK);
    RoundContext round = new RoundContext(0, RandomKey.root(1), start);
    RandomClients clients =
        RandomClients.drifted(start, new FedEx().localPlan(round), 1, CLIENTS, 1);
    AdapterSet next = new FedEx().aggregate(round, clients.cohort());
    assertThat(next.toArray()).isEqualTo(new FedAvg().aggregate(round, clients.cohort()).toArray());
  }

  @Test
  void floraStartsEveryRoundFromAFreshAdapter() {
    AdapterSet start = RandomClients.start(1, RANK);
    RandomClients clients = RandomClients.of(1, CLIENTS, RANK, RandomClients.Share.OWN_A);
    AdapterSet one =
        new Flora().aggregate(new RoundContext(0, RandomKey.root(1), start), clients.cohort());
    AdapterSet two =
        new Flora().aggregate(new RoundContext(1, RandomKey.root(1), start), clients.cohort());
    for (int m = 0; m < 2; m++) {
      assertThat(one.factors().get(m).b().norm()).isZero();
      assertThat(one.factors().get(m).a().norm()).isPositive();
      assertThat(one.factors().get(m).a()).isNotEqualTo(two.factors().get(m).a());
    }
  }

  /** Both factors go up once; the low-rank sum comes down, in FLoRA's case for the adapter. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("folding")
  void trafficIsThatOfARealDeployment(Strategy strategy) {
    RandomClients clients = RandomClients.of(1, CLIENTS, RANK, RandomClients.Share.OWN_A);
    Cohort cohort = clients.cohort();
    List<LoraModule> modules = clients.first().layout().modules();
    long[] moved = new long[2];
    Cohort metered =
        new Cohort() {
          @Override
          public List<Matrix> weightedSum(ClientMessage message) {
            moved[0] += message.valuesUp(clients.first().layout());
            moved[1] += message.valuesDown();
            return cohort.weightedSum(message);
          }

          @Override
          public TrainingStats stats() {
            return cohort.stats();
          }

          @Override
          public void close() {}
        };
    strategy.aggregate(new RoundContext(0, RandomKey.root(1), clients.first()), metered);
    long sides = modules.stream().mapToLong(m -> m.out() + m.in()).sum();
    assertThat(moved[0]).isEqualTo(RANK * sides + 15); // and the head of 3 × 5
    long sum = CLIENTS * RANK * sides;
    assertThat(moved[1]).isEqualTo(strategy instanceof FedEx ? sum : sum - RANK * sides);
  }
}
