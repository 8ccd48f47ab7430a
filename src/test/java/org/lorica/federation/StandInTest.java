package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.strategy.FedEx;
import org.lorica.strategy.FlexLora;
import org.lorica.strategy.Flora;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

/**
 * With Poisson cohorts the global adapter stands in for who did not come: sums of products then
 * have one adapter more in them than there are clients.
 */
class StandInTest {
  private static final int RANK = 3;

  static Stream<Arguments> cohorts() {
    return Stream.of(new FedEx(), new Flora(), new FlexLora())
        .flatMap(s -> Stream.of(0, 1, 3).map(clients -> Arguments.of(s, clients)));
  }

  private static Matrix whole(AdapterSet adapter, int module) {
    Matrix product = adapter.factors().get(module).product();
    return adapter.base().isEmpty()
        ? product
        : product.plus(adapter.base().factors().get(module).product());
  }

  @ParameterizedTest(name = "{0}, {1} clients came")
  @MethodSource("cohorts")
  void theStandInIsPartOfTheSum(Strategy strategy, int came) {
    AdapterSet global = RandomClients.start(1, RANK);
    RoundContext round = new RoundContext(0, RandomKey.root(1), global);
    RandomClients clients =
        RandomClients.drifted(global, strategy.localPlan(round), 1, Math.max(1, came), 4);
    Cohort drawn = came == 0 ? RandomClients.cohortOf(List.of()) : clients.cohort();
    double absent = came == 0 ? 1 : 0.25;
    Cohort cohort = new PublicDenominator(drawn, global, absent);
    AdapterSet next = strategy.aggregate(round, cohort);
    for (int m = 0; m < 2; m++) {
      Matrix standIn = global.factors().get(m).product().scaled(absent);
      Matrix expected = came == 0 ? standIn : clients.dense(m).plus(standIn);
      Matrix kept = strategy instanceof FlexLora ? truncated(expected) : expected;
      assertThat(RandomClients.relativeError(whole(next, m), kept)).isLessThan(1e-6);
    }
    assertThat(next.tensors(Set.of(org.lorica.lora.Role.HEAD))).hasSize(1);
  }

  private static Matrix truncated(Matrix dense) {
    var svd = org.lorica.tensor.LinearAlgebra.svd(dense);
    Matrix u =
        svd.u()
            .firstColumns(RANK)
            .scaledColumns(java.util.Arrays.copyOf(svd.values().toArray(), RANK));
    return u.times(svd.vt().transpose().firstColumns(RANK).transpose());
  }
}
