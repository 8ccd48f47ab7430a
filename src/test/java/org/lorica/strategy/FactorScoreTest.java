package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lorica.federation.CohortNoise;
import org.lorica.federation.RoundContext;
import org.lorica.federation.StrategyState;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;
import org.lorica.sketch.TrainedClient;
import org.lorica.strategy.FactorScore.Active;
import org.lorica.strategy.FactorScore.Curvature;
import org.lorica.strategy.FactorScore.Source;
import org.lorica.strategy.FactorScore.Steps;
import org.lorica.strategy.Layers.Granularity;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;

/** Two modules, the first with B active, the second with A. */
class FactorScoreTest {
  private static final int TAU = 4;
  private static final double RATE_A = 0.25;
  private static final double RATE_B = 0.5;
  private static final Steps STEPS = new Steps(TAU, RATE_A, RATE_B);
  private static final AdapterSet START = RandomClients.start(2, 3);
  private static final Layers LAYERS = Layers.of(START.layout(), Granularity.MODULE);
  private static final Active ACTIVE = new Active(LAYERS, List.of(Role.B, Role.A));
  private static final List<TensorSlot> TRAINED =
      List.of(START.layout().slots().get(0), START.layout().slots().get(3));

  private static RoundContext round(double ofMean, double ofClient) {
    return round(new CohortNoise(ofMean, ofClient, 0));
  }

  private static RoundContext round(CohortNoise noise) {
    return new RoundContext(0, RandomKey.root(1), START, StrategyState.NONE, noise);
  }

  /** θ − η·τ·G for both active tensors. */
  private static AdapterSet moved(Matrix ofB, Matrix ofA) {
    return START.withTensors(
        TRAINED,
        List.of(
            START.tensor(TRAINED.get(0)).minus(ofB.scaled(RATE_B * TAU)),
            START.tensor(TRAINED.get(1)).minus(ofA.scaled(RATE_A * TAU))));
  }

  private static Matrix random(long seed, TensorSlot slot, double deviation) {
    double[] values = new double[slot.size()];
    RandomKey.root(seed).with(slot.offset()).addGaussiansInPlace(deviation, values);
    return Matrix.of(slot.rows(), slot.cols(), values);
  }

  @Test
  void displacementIsTheSquaredMeanGradientLessNoiseLessCurvature() {
    Matrix ofB = random(1, TRAINED.get(0), 0.3);
    Matrix ofA = random(1, TRAINED.get(1), 0.3);
    double variance = 0.08;
    List<Double> scores =
        new FactorScore(Source.DISPLACEMENT, Curvature.STRUCTURAL, STEPS)
            .of(round(variance, 7), moved(ofB, ofA), null, ACTIVE);
    double[] expected = new double[2];
    for (int l = 0; l < 2; l++) {
      double measured = Math.pow((l == 0 ? ofB : ofA).norm(), 2);
      double noise = TRAINED.get(l).size() * variance / TAU;
      double g2 = measured - noise;
      Matrix other = l == 0 ? START.factors().get(0).a() : START.factors().get(1).b();
      double kappa = Math.pow(LinearAlgebra.svd(other).values().at(0), 2); // s = 1
      expected[l] = g2 - 0.5 * (l == 0 ? RATE_B : RATE_A) * kappa * (g2 + noise);
      assertThat(scores.get(l)).isCloseTo(expected[l], Offset.offset(1e-4));
    }
    List<Double> flat =
        new FactorScore(Source.DISPLACEMENT, Curvature.NONE, STEPS)
            .of(round(0, 0), moved(ofB, ofA), null, ACTIVE);
    assertThat(flat.get(0)).isCloseTo(Math.pow(ofB.norm(), 2), Offset.offset(1e-4));
  }

  /** The mean of what clients measured takes the bound's place, for either source. */
  @Test
  void measuredCurvatureIsTakenOffLikeTheBound() {
    Matrix ofB = random(1, TRAINED.get(0), 0.3);
    Matrix ofA = random(1, TRAINED.get(1), 0.3);
    List<Double> energy = List.of(4.0, 0.0, 0.0, 6.0, 0.0);
    List<TrainedClient> clients =
        List.of(
            new TrainedClient(START, energy, 0, List.of(1.0, 0.5)),
            new TrainedClient(START, energy, 0, List.of(3.0, 0.0)),
            new TrainedClient(START, energy)); // dropped out
    double[] kappas = {4.0 / 3, 0.5 / 3};
    double[] rates = {RATE_B, RATE_A};
    double variance = 0.01;
    for (Source source : Source.values()) {
      List<Double> scores =
          new FactorScore(source, Curvature.PRIVATE_UNSAFE, STEPS)
              .of(
                  round(variance, variance),
                  moved(ofB, ofA),
                  RandomClients.cohortOfTrained(clients),
                  ACTIVE);
      for (int l = 0; l < 2; l++) {
        boolean sent = source == Source.GRADIENT;
        double measured = sent ? energy.get(3 * l) : Math.pow((l == 0 ? ofB : ofA).norm(), 2);
        double noise = TRAINED.get(l).size() * (sent ? variance : variance / TAU);
        double g2 = measured - noise;
        assertThat(scores.get(l))
            .isCloseTo(g2 - 0.5 * rates[l] * kappas[l] * (g2 + noise), Offset.offset(1e-4));
      }
    }
  }

  /** Where there is no gradient at all, the score of pure noise is zero on average. */
  @Test
  void noiseAloneScoresNothing() {
    int draws = 400;
    int clients = 4;
    double variance = 0.5; // of one value, one client, one step
    double[] sums = new double[4];
    for (int d = 0; d < draws; d++) {
      double ofG = Math.sqrt(variance / clients / TAU);
      AdapterSet next = moved(random(d, TRAINED.get(0), ofG), random(d, TRAINED.get(1), ofG));
      RoundContext round = round(variance / clients, variance);
      List<Double> displacement =
          new FactorScore(Source.DISPLACEMENT, Curvature.NONE, STEPS).of(round, next, null, ACTIVE);
      List<TrainedClient> trained = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        List<Double> energy = new ArrayList<>();
        for (TensorSlot slot : START.layout().slots()) {
          boolean active = TRAINED.contains(slot);
          Matrix noise = random(1000L * d + c, slot, Math.sqrt(variance));
          energy.add(active ? Math.pow(noise.norm(), 2) : 0.0);
        }
        trained.add(new TrainedClient(START, energy));
      }
      List<Double> gradient =
          new FactorScore(Source.GRADIENT, Curvature.NONE, STEPS)
              .of(round, next, RandomClients.cohortOfTrained(trained), ACTIVE);
      for (int l = 0; l < 2; l++) {
        sums[l] += displacement.get(l) / draws;
        sums[2 + l] += gradient.get(l) / draws;
      }
    }
    for (int l = 0; l < 2; l++) {
      double n = TRAINED.get(l).size();
      // Σ of n squares has deviation σ²√(2n); five deviations of the mean over the draws
      double ofG = variance / clients / TAU * Math.sqrt(2 * n / draws);
      double ofClients = variance * Math.sqrt(2 * n / draws / clients);
      assertThat(sums[l]).isCloseTo(0, Offset.offset(5 * ofG));
      assertThat(sums[2 + l]).isCloseTo(0, Offset.offset(5 * ofClients));
    }
  }

  /** With noised messages (privacy.unit = client) the mean change itself carries the noise. */
  @Test
  void noiseOfMessagesAloneScoresNothing() {
    int draws = 400;
    double ofChange = 0.3;
    double[] sums = new double[2];
    for (int d = 0; d < draws; d++) {
      double deviation = Math.sqrt(ofChange);
      AdapterSet next =
          moved(
              random(d, TRAINED.get(0), deviation / (RATE_B * TAU)),
              random(d, TRAINED.get(1), deviation / (RATE_A * TAU)));
      List<Double> scores =
          new FactorScore(Source.DISPLACEMENT, Curvature.NONE, STEPS)
              .of(round(new CohortNoise(0, 0, ofChange)), next, null, ACTIVE);
      for (int l = 0; l < 2; l++) {
        sums[l] += scores.get(l) / draws;
      }
    }
    for (int l = 0; l < 2; l++) {
      double length = (l == 0 ? RATE_B : RATE_A) * TAU;
      double variance = ofChange / (length * length);
      double deviation = variance * Math.sqrt(2.0 * TRAINED.get(l).size() / draws);
      assertThat(sums[l]).isCloseTo(0, Offset.offset(5 * deviation));
    }
  }

  @Test
  void aFrozenFactorHasNoScore() {
    assertThatThrownBy(() -> new Steps(1, 0, 0.5))
        .hasMessageContaining("optimizer.learning-rate-a and -b must be > 0 for aslora")
        .hasMessageContaining("got 0.0 and 0.5");
  }
}
