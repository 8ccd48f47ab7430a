package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import org.lorica.federation.RoundContext;
import org.lorica.lora.Role;
import org.lorica.random.Purpose;

/**
 * Which factor every layer trains in a round: a function of the run's key, the round and the scores
 * so far, drawn on the driver.
 *
 * @param warmUpRounds rounds at the start in which all layers alternate together, B first
 */
record ModeSelection(Policy policy, int warmUpRounds, Draw draw) {

  /** The method, and controls without which nothing can be said of it. */
  enum Policy {
    /** By the scores (AS-LoRA, arXiv 2605.05769). */
    ADAPTIVE,
    /** A fair coin for every layer: the freedom of layers without a score. */
    RANDOM_PER_LAYER,
    /** As many layers on A as the scores would have it, but random ones. */
    RANDOM_SHARE,
    /** Every other layer starts on A; all alternate by rounds, without a warm-up. */
    PHASE_SHIFTED;

    /** Whether scores are kept. */
    boolean scores() {
      return this == ADAPTIVE || this == RANDOM_SHARE;
    }
  }

  /**
   * How scores become probabilities.
   *
   * @param temperatureDecay the temperature in round r is max(floor, decay^(r − warm-up))
   * @param explore least probability of either factor, so that none starves
   */
  record Draw(double temperatureDecay, double temperatureFloor, double explore) {
    Draw {
      require(
          temperatureDecay > 0 && temperatureDecay <= 1,
          "strategy.temperature-decay must be in (0, 1], got " + temperatureDecay);
      require(
          temperatureFloor > 0, "strategy.temperature-floor must be > 0, got " + temperatureFloor);
      require(
          explore >= 0 && explore <= 0.5, "strategy.explore must be in [0, 0.5], got " + explore);
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new IllegalArgumentException(message);
      }
    }
  }

  /** A or B for every layer. */
  List<Role> modes(RoundContext round, LayerScores scores) {
    List<Role> modes = new ArrayList<>();
    for (int l = 0; l < scores.count(); l++) {
      modes.add(mode(round, scores, l));
    }
    if (policy != Policy.RANDOM_SHARE || round.round() < warmUpRounds) {
      return modes;
    }
    List<Role> dealt = new ArrayList<>();
    for (int l : round.key(Purpose.MODE_SELECTION, modes.size()).permutation(modes.size())) {
      dealt.add(modes.get(l));
    }
    return dealt;
  }

  private Role mode(RoundContext round, LayerScores scores, int layer) {
    if (policy == Policy.PHASE_SHIFTED) {
      return alternating(round.round() + layer);
    }
    if (round.round() < warmUpRounds) {
      return alternating(round.round());
    }
    double ofA = policy == Policy.RANDOM_PER_LAYER ? 0.5 : probabilityOfA(round, scores, layer);
    return round.key(Purpose.MODE_SELECTION, layer).uniform(0) < ofA ? Role.A : Role.B;
  }

  private static Role alternating(int turn) {
    return turn % 2 == 0 ? Role.B : Role.A;
  }

  /** P(A) = sigmoid(d/T), d the difference of the scores relative to their size. */
  double probabilityOfA(RoundContext round, LayerScores scores, int layer) {
    double temperature =
        Math.max(
            draw.temperatureFloor(),
            Math.pow(draw.temperatureDecay(), round.round() - warmUpRounds));
    double a = scores.a().get(layer);
    double b = scores.b().get(layer);
    double difference = (a - b) / (Math.abs(a) + Math.abs(b) + 1e-8);
    double ofA = 1 / (1 + Math.exp(-difference / temperature));
    return Math.min(1 - draw.explore(), Math.max(draw.explore(), ofA));
  }
}
