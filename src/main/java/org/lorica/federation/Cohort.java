package org.lorica.federation;

import java.util.List;
import org.lorica.sketch.ClientMessage;
import org.lorica.tensor.Matrix;

/**
 * The trained clients of one round. Their local results are kept until it is closed; training is
 * never repeated.
 */
public interface Cohort extends AutoCloseable {

  /** Σ_k w_k·message(client k), summed on a fixed-point grid: the same bits in any order. */
  List<Matrix> weightedSum(ClientMessage message);

  /** Un-noised counts of the training, for simulation's metrics. */
  TrainingStats stats();

  /** Adapters that a sum is made of: it has at most so many times the rank of one. */
  default int terms() {
    return stats().clients();
  }

  /** Clients that dropped out, ascending; they count in {@link #stats} and add a zero change. */
  default List<ClientFailure> failures() {
    return List.of();
  }

  @Override
  void close();
}
