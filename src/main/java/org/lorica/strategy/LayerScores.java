package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import org.lorica.federation.StrategyState;
import org.lorica.lora.Role;

/**
 * Running scores of both factors of every layer: what training that factor was worth, from noised
 * quantities only.
 */
record LayerScores(List<Double> a, List<Double> b) {
  private static final String A = "score-a";
  private static final String B = "score-b";
  private static final double KEPT = 0.9;

  LayerScores {
    a = List.copyOf(a);
    b = List.copyOf(b);
  }

  static LayerScores of(StrategyState state, int layers) {
    return new LayerScores(state.list(A, layers), state.list(B, layers));
  }

  int count() {
    return a.size();
  }

  /** S ← 0.9·S + 0.1·score for the factor that was active; the other's stays. */
  LayerScores updated(List<Role> modes, List<Double> scores) {
    List<Double> nextA = new ArrayList<>(a);
    List<Double> nextB = new ArrayList<>(b);
    for (int l = 0; l < count(); l++) {
      List<Double> arm = modes.get(l) == Role.A ? nextA : nextB;
      arm.set(l, KEPT * arm.get(l) + (1 - KEPT) * scores.get(l));
    }
    return new LayerScores(nextA, nextB);
  }

  StrategyState in(StrategyState state) {
    return state.with(A, a).with(B, b);
  }
}
