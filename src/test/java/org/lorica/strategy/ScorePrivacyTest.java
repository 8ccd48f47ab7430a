package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
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

  /** The test would see it: the other score does ask. */
  @Test
  void aScoreThatAsksClientsIsSeen() {
    assertThatThrownBy(() -> scores(score(FactorScore.Source.GRADIENT)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("GradientEnergy");
  }
}
