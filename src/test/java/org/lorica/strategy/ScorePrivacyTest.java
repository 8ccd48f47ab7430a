package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

/** The displacement score with structural curvature asks the clients for nothing at all. */
class ScorePrivacyTest {
  /** Whoever looks at a client fails. */
  private static final Cohort UNSEEN =
      new Cohort() {
        @Override
        public List<Matrix> weightedSum(ClientMessage message) {
          throw new AssertionError("asked the clients for " + message);
        }

        @Override
        public TrainingStats stats() {
          throw new AssertionError("asked for statistics of private data");
        }

        @Override
        public void close() {}
      };

  private static FactorScore score(FactorScore.Source source) {
    return new FactorScore(
        source, FactorScore.Curvature.STRUCTURAL, new FactorScore.Steps(5, 0.1, 0.1));
  }

  private static List<Double> scores(FactorScore score) {
    AdapterSet start = RandomClients.start(1, 3);
    RoundContext round = new RoundContext(4, RandomKey.root(1), start);
    Layers layers = Layers.of(start.layout(), Layers.Granularity.MODULE);
    return score.of(
        round,
        RandomClients.start(2, 3),
        UNSEEN,
        new FactorScore.Active(layers, List.of(Role.A, Role.B)));
  }

  @Test
  void theStructuralScoreIsAFunctionOfPublicAdaptersAlone() {
    assertThat(scores(score(FactorScore.Source.DISPLACEMENT))).hasSize(2);
  }

  /** Nor are clients told to measure anything; only the unsafe curvature does that. */
  @Test
  void onlyTheUnsafeCurvatureHasClientsMeasureLosses() {
    RoundContext round = new RoundContext(4, RandomKey.root(1), RandomClients.start(1, 3));
    for (FactorScore.Curvature curvature : FactorScore.Curvature.values()) {
      boolean unsafe = curvature == FactorScore.Curvature.PRIVATE_UNSAFE;
      AsLora strategy = strategy(ModeSelection.Policy.ADAPTIVE, curvature);
      assertThat(strategy.localPlan(round).lossCurvatureGroups()).hasSize(unsafe ? 2 : 0);
      assertThat(strategy.reads())
          .isEqualTo(unsafe ? Strategy.Reads.PRIVATE_LOSSES : Strategy.Reads.MEAN);
      assertThat(strategy.localPlan(round).digest())
          .isEqualTo(
              strategy(ModeSelection.Policy.ADAPTIVE, FactorScore.Curvature.NONE)
                  .localPlan(round)
                  .digest());
    }
  }

  @Test
  void theUnsafeCurvatureAsksClientsAndIsSeen() {
    FactorScore unsafe =
        new FactorScore(
            FactorScore.Source.DISPLACEMENT,
            FactorScore.Curvature.PRIVATE_UNSAFE,
            new FactorScore.Steps(5, 0.1, 0.1));
    assertThatThrownBy(() -> scores(unsafe))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("LossCurvature");
  }

  private static AsLora strategy(ModeSelection.Policy policy, FactorScore.Curvature curvature) {
    return new AsLora(
        Layers.Granularity.MODULE,
        new ModeSelection(policy, 2, new ModeSelection.Draw(0.95, 0.1, 0.05)),
        new FactorScore(
            FactorScore.Source.DISPLACEMENT, curvature, new FactorScore.Steps(2, 0.5, 0.5)));
  }

  /** The test would see it: the other score does ask. */
  @Test
  void aScoreThatAsksClientsIsSeen() {
    assertThatThrownBy(() -> scores(score(FactorScore.Source.GRADIENT)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("GradientEnergy");
  }
}
