package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.Rebuild.Split;
import org.lorica.strategy.FedAsk.Aggregation;
import org.lorica.strategy.FedAsk.Clients;
import org.lorica.strategy.SumErrors.SketchSize;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

/** Every strategy where modules have different ranks, against dense sums. */
class MixedRanksTest {
  private static final List<Integer> RANKS = List.of(4, 2);
  private static final int CLIENTS = 5;
  private static final FedAsk WIDE =
      new FedAsk(Clients.BOTH, OptionalInt.empty(), 2, Split.BALANCED, Aggregation.TWO_STAGE);
  private static final LaLora ALTERNATING =
      new LaLora(1, 2, LaLora.Filter.NONE, OptionalDouble.empty());
  private static final AsLora ASLORA =
      new AsLora(
          Layers.Granularity.MODULE,
          new ModeSelection(
              ModeSelection.Policy.RANDOM_PER_LAYER, 0, new ModeSelection.Draw(0.95, 0.1, 0.05)),
          new FactorScore(
              FactorScore.Source.DISPLACEMENT,
              FactorScore.Curvature.NONE,
              new FactorScore.Steps(2, 1, 1)));

  private record Done(RoundContext round, RandomClients clients, AdapterSet next) {
    static Done by(Strategy strategy, long seed) {
      RoundContext round =
          new RoundContext(2, RandomKey.root(seed), RandomClients.start(seed, RANKS));
      RandomClients clients =
          RandomClients.drifted(round.global(), strategy.localPlan(round), 2, CLIENTS, 100 + seed);
      return new Done(round, clients, strategy.aggregate(round, clients.cohort()));
    }

    /** New product and what was folded. */
    Matrix whole(int module) {
      Matrix product = next.factors().get(module).product();
      return next.base().isEmpty()
          ? product
          : product.plus(next.base().factors().get(module).product());
    }

    SumErrors errors(Strategy strategy) {
      return SumErrors.of(
          round, clients.cohort(), next, SketchSize.of(strategy, round.global().layout()));
    }
  }

  /** Best of rank r, from the dense sum. */
  private static Matrix best(Matrix sum, int rank) {
    LinearAlgebra.Svd svd = LinearAlgebra.svd(sum);
    double[] values = java.util.Arrays.copyOf(svd.values().toArray(), rank);
    Matrix left = svd.u().firstColumns(rank).scaledColumns(values);
    return left.times(svd.vt().transpose().firstColumns(rank).transpose());
  }

  static Stream<Strategy> exact() {
    FedAsk isPrivate = new FedAsk(Clients.B, 0, 0, Split.BALANCED, Aggregation.TWO_STAGE);
    FedAsk core = new FedAsk(Clients.B, 0, 0, Split.BALANCED, Aggregation.CORE);
    return Stream.of(
        new FfaLora(),
        new RoLora(),
        new FedSvd(),
        isPrivate,
        core,
        ASLORA,
        new Flora(),
        new FedEx());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exact")
  void whereTheMethodIsExactItStaysSoWithEveryModulesOwnRank(Strategy strategy) {
    for (long seed = 1; seed <= 5; seed++) {
      Done done = Done.by(strategy, seed);
      assertThat(done.next().layout().ranks()).isEqualTo(done.round().global().layout().ranks());
      for (int m = 0; m < 2; m++) {
        assertThat(RandomClients.relativeError(done.whole(m), done.clients().dense(m)))
            .as("seed %d, module %d", seed, m)
            .isLessThan(1e-6);
      }
      assertThat(done.errors(strategy).server()).isLessThan(1e-6);
    }
  }

  static Stream<Strategy> bestOfRank() {
    return Stream.of(new FlexLora(), WIDE, new LaAsk(ALTERNATING, WIDE));
  }

  /** FlexLoRA up to rounding; a sketch of twice the rank with two power iterations nearly. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("bestOfRank")
  void everyModuleIsCutToItsOwnRank(Strategy strategy) {
    double slack = strategy instanceof FlexLora ? 1e-6 : 0.02;
    for (long seed = 1; seed <= 5; seed++) {
      Done done = Done.by(strategy, seed);
      double squares = 0;
      double missed = 0;
      double least = 0;
      for (int m = 0; m < 2; m++) {
        Matrix sum = done.clients().dense(m);
        double optimum = best(sum, RANKS.get(m)).minus(sum).norm();
        double found = done.whole(m).minus(sum).norm();
        assertThat(done.next().factors().get(m).rank()).isEqualTo(RANKS.get(m));
        assertThat(found).isBetween(optimum * (1 - 1e-6), optimum * (1 + slack));
        squares += Math.pow(sum.norm(), 2);
        missed += Math.pow(found, 2);
        least += Math.pow(optimum, 2);
      }
      SumErrors errors = done.errors(strategy);
      assertThat(errors.server()).isCloseTo(Math.sqrt(missed / squares), within(1e-7));
      assertThat(errors.best()).isCloseTo(Math.sqrt(least / squares), within(1e-7));
    }
  }

  static Stream<Strategy> averaging() {
    return Stream.of(new FedAvg(), ALTERNATING);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("averaging")
  void averagesAreThoseOfEveryTensor(Strategy strategy) {
    Done done = Done.by(strategy, 3);
    done.next()
        .layout()
        .slots()
        .forEach(
            slot ->
                assertThat(done.next().tensor(slot).minus(done.clients().mean(slot)).norm())
                    .isLessThan(1e-5));
  }

  /** The oversampling that nobody set is the module's own rank. */
  @Test
  void sketchesHaveColumnsByTheModulesRank() {
    AdapterLayout layout = RandomClients.start(1, RANKS).layout();
    assertThat(WIDE.columns(layout)).containsExactly(8, 4);
    FedAsk three = new FedAsk(Clients.BOTH, 3, 1, Split.BALANCED, Aggregation.TWO_STAGE);
    assertThat(three.columns(layout)).containsExactly(7, 5);
    assertThat(SketchSize.of(new LaAsk(ALTERNATING, three), layout))
        .isEqualTo(Optional.of(new SketchSize(List.of(7, 5), 1)));
  }

  /** Values that clients send: sums over modules of rank times sides. */
  @Test
  void trafficCountsEveryModulesOwnRank() {
    long factors = 4 * (40 + 32) + 2 * (24 + 48);
    long head = 15;
    assertThat(sent(new FedAvg())).isEqualTo(factors + head);
    assertThat(sent(new FlexLora())).isEqualTo(factors + head);
    assertThat(sent(new Flora())).isEqualTo(factors + head);
    assertThat(sent(new FedSvd())).isEqualTo(4 * 40 + 2 * 24 + head);
    // range and core, and a pair more for each of the two power iterations
    assertThat(sent(WIDE)).isEqualTo(3 * (8 * (40 + 32) + 4 * (24 + 48)) + head);
  }

  private static long sent(Strategy strategy) {
    Done done = Done.by(strategy, 1);
    long[] up = new long[1];
    Cohort cohort = done.clients().cohort();
    strategy.aggregate(
        done.round(),
        new Cohort() {
          @Override
          public List<Matrix> weightedSum(ClientMessage message) {
            up[0] += message.valuesUp(done.round().global().layout());
            return cohort.weightedSum(message);
          }

          @Override
          public TrainingStats stats() {
            return cohort.stats();
          }

          @Override
          public void close() {}
        });
    return up[0];
  }

  /** FLoRA draws a fresh A of the module's own rank, and folds what all clients sent. */
  @Test
  void floraStartsAgainWithTheSameRanks() {
    Done done = Done.by(new Flora(), 1);
    assertThat(done.next().factors().stream().map(LoraFactors::rank)).containsExactly(4, 2);
    assertThat(done.next().base().factors().stream().map(LoraFactors::rank))
        .containsExactly(CLIENTS * 4, CLIENTS * 2);
    assertThat(done.next().tensors(Set.of(Role.B)).get(0).norm()).isZero();
  }
}
