package org.lorica.strategy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.federation.Participant;
import org.lorica.federation.TrainedRound;
import org.lorica.sketch.CrossTerms;
import org.lorica.sketch.UpdateDirections;
import org.lorica.tensor.Matrix;

/**
 * How alike the clients moved, and how much of their steps was cross term: what LA-LoRA (arXiv
 * 2602.19926) argues by.
 */
final class ClientAgreement {
  private ClientAgreement() {}

  /**
   * Mean cosine between two clients' updates of B and of A (weighted by wₖwₗ, k ≠ l), where that
   * factor trained; and the mean relative cross term of a local step.
   */
  static Map<String, Object> of(TrainedRound round) {
    List<Double> weights = round.participants().stream().map(Participant::weight).toList();
    double total = weights.stream().mapToDouble(Double::doubleValue).sum();
    double squares = weights.stream().mapToDouble(w -> w * w).sum();
    Map<String, Object> named = new LinkedHashMap<>();
    List<Matrix> directions =
        round.clients().weightedSum(new UpdateDirections(round.context().global()));
    if (weights.size() > 1) {
      cosine("cosineOfUpdatesB", directions.get(0), total, squares, named);
      cosine("cosineOfUpdatesA", directions.get(1), total, squares, named);
    }
    double cross = round.clients().weightedSum(new CrossTerms()).get(0).at(0, 0);
    named.put("sameStepCrossTerm", cross / total);
    return named;
  }

  /** ‖Σ wₖuₖ‖² = Σ wₖ² + Σ_{k≠l} wₖwₗ cos, for directions uₖ of norm 1. */
  private static void cosine(
      String name, Matrix sum, double total, double squares, Map<String, Object> named) {
    double norm = sum.norm();
    if (norm > 0) {
      named.put(name, (norm * norm - squares) / (total * total - squares));
    }
  }
}
