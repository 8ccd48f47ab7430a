package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.random.RandomKey;
import org.lorica.sketch.Rebuild.Split;
import org.lorica.strategy.FedAsk.Aggregation;
import org.lorica.strategy.FedAsk.Clients;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;
import org.lorica.testing.RandomClients.Share;

class FedAskTest {
  private static final int CLIENTS = 5;
  private static final int RANK = 4;

  private static List<LoraFactors> rebuilt(FedAsk strategy, RandomClients clients, long seed) {
    RoundContext round = new RoundContext(3, RandomKey.root(seed), clients.first());
    return strategy.rebuilt(round, clients.cohort());
  }

  /** Privately only B trains: ΔW has rank ≤ r, so a sketch without oversampling loses nothing. */
  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void privateTwoStageSketchEqualsTheCoreOracle(long seed) {
    RandomClients clients = RandomClients.of(seed, CLIENTS, RANK, Share.COMMON_A);
    List<LoraFactors> sketched =
        rebuilt(new FedAsk(Clients.B, 0, 0, Split.BALANCED, Aggregation.TWO_STAGE), clients, seed);
    List<LoraFactors> core =
        rebuilt(new FedAsk(Clients.B, 0, 0, Split.BALANCED, Aggregation.CORE), clients, seed);
    for (int m = 0; m < core.size(); m++) {
      assertThat(RandomClients.relativeError(sketched.get(m).product(), core.get(m).product()))
          .isLessThan(1e-10);
      assertThat(RandomClients.relativeError(core.get(m).product(), clients.dense(m)))
          .isLessThan(1e-10);
    }
  }

  /**
   * With both factors trained the sum has rank CLIENTS·RANK; the error cannot beat Eckart–Young and
   * must come close.
   */
  @ParameterizedTest(name = "seed={0}")
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void nonPrivateSketchIsNeverBelowEckartYoungAndComesClose(long seed) {
    RandomClients clients = RandomClients.of(seed, CLIENTS, RANK, Share.OWN_A);
    List<LoraFactors> rough =
        rebuilt(
            new FedAsk(Clients.BOTH, 0, 0, Split.BALANCED, Aggregation.TWO_STAGE), clients, seed);
    List<LoraFactors> fine =
        rebuilt(
            new FedAsk(Clients.BOTH, RANK, 2, Split.BALANCED, Aggregation.TWO_STAGE),
            clients,
            seed);
    for (int m = 0; m < fine.size(); m++) {
      Matrix dense = clients.dense(m);
      double best = tailNorm(dense, RANK) / dense.norm();
      double roughError = RandomClients.relativeError(rough.get(m).product(), dense);
      double fineError = RandomClients.relativeError(fine.get(m).product(), dense);
      assertThat(fineError).isBetween(best * (1 - 1e-9), best * 1.1);
      assertThat(roughError).isGreaterThan(fineError);
    }
  }

  private static double tailNorm(Matrix dense, int rank) {
    double sum = 0;
    double[] values = LinearAlgebra.svd(dense).values().toArray();
    for (int i = rank; i < values.length; i++) {
      sum += values[i] * values[i];
    }
    return Math.sqrt(sum);
  }

  @Test
  void isExactWhenTheSketchIsAsWideAsTheSumsRank() {
    RandomClients clients = RandomClients.of(7, 1, RANK, Share.OWN_A);
    List<LoraFactors> factors =
        rebuilt(
            new FedAsk(Clients.BOTH, 2, 0, Split.ORTHONORMAL, Aggregation.TWO_STAGE), clients, 7);
    for (int m = 0; m < factors.size(); m++) {
      assertThat(RandomClients.relativeError(factors.get(m).product(), clients.dense(m)))
          .isLessThan(1e-10);
      Matrix a = factors.get(m).a();
      Matrix gram = a.times(a.transpose());
      for (int i = 0; i < RANK; i++) {
        for (int j = 0; j < RANK; j++) {
          assertThat(gram.at(i, j))
              .isCloseTo(i == j ? 1 : 0, org.assertj.core.data.Offset.offset(1e-10));
        }
      }
    }
  }

  /** A sum of zero is all dead directions: A must come back alive, B at zero. */
  @Test
  void deadDirectionsAreReseededWithoutChangingTheProduct() {
    RandomClients clients = RandomClients.of(3, 2, RANK, Share.COMMON_A);
    AdapterSet zero =
        AdapterSet.of(clients.first().layout(), new float[clients.first().layout().size()]);
    RoundContext round = new RoundContext(0, RandomKey.root(3), zero);
    List<LoraFactors> factors =
        new FedAsk(Clients.B, 0, 0, Split.BALANCED, Aggregation.TWO_STAGE)
            .rebuilt(round, RandomClients.cohortOf(List.of(zero)));
    for (LoraFactors f : factors) {
      assertThat(f.product().norm()).isZero();
      assertThat(f.a().norm()).isGreaterThan(1);
    }
  }

  @Test
  void theCoreShortcutIsRefusedWhereATrains() {
    assertThatThrownBy(() -> new FedAsk(Clients.BOTH, 0, 0, Split.BALANCED, Aggregation.CORE))
        .hasMessageContaining("strategy.aggregation");
  }
}
