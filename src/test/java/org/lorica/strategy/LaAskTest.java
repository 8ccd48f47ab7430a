package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.sketch.Rebuild.Split;
import org.lorica.strategy.FedAsk.Aggregation;
import org.lorica.strategy.FedAsk.Clients;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

class LaAskTest {
  private static final int RANK = 4;
  private static final LaLora CLIENTS =
      new LaLora(1, 4, LaLora.Filter.NONE, OptionalDouble.empty());

  private static LaAsk strategy(int oversampling) {
    return new LaAsk(
        CLIENTS, new FedAsk(Clients.BOTH, oversampling, 1, Split.BALANCED, Aggregation.TWO_STAGE));
  }

  /** Close to what truncation must cost, and far from what averaging the factors costs. */
  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void theSumOfProductsIsKeptNearlyAsWellAsRankRAllows(long seed) {
    AdapterSet start = RandomClients.start(seed, RANK);
    RoundContext round = new RoundContext(0, RandomKey.root(seed), start);
    LaAsk laAsk = strategy(RANK);
    RandomClients clients = RandomClients.drifted(start, laAsk.localPlan(round), 4, 5, seed);
    AdapterSet sketched = laAsk.aggregate(round, clients.cohort());
    AdapterSet averaged = CLIENTS.aggregate(round, clients.cohort());
    for (int m = 0; m < 2; m++) {
      Matrix dense = clients.dense(m);
      double[] values = LinearAlgebra.svd(dense).values().toArray();
      double tail = 0;
      for (int i = RANK; i < values.length; i++) {
        tail += values[i] * values[i];
      }
      double best = Math.sqrt(tail) / dense.norm();
      double error = RandomClients.relativeError(sketched.factors().get(m).product(), dense);
      assertThat(error).isBetween(best * (1 - 1e-6), best * 1.15);
      assertThat(error)
          .isLessThan(RandomClients.relativeError(averaged.factors().get(m).product(), dense));
    }
  }

  @Test
  void aSketchWithoutOversamplingIsRefused() {
    assertThatThrownBy(() -> strategy(0))
        .hasMessageContaining("strategy.oversampling must be > 0 for laask");
  }
}
