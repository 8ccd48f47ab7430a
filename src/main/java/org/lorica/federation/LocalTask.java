package org.lorica.federation;

import java.io.Serializable;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;

/**
 * What every client of a round is told; broadcast once.
 *
 * @param round counted from 0
 * @param root the run's key; sampling draws depend on (round, client, step) only, so that methods
 *     can be compared on the same batches; noise draws also on the digest of the global adapter and
 *     the plan
 */
public record LocalTask(
    int round, RandomKey root, AdapterSet global, LocalPlan plan, Training training)
    implements Serializable {

  /**
   * Settings of local training.
   *
   * @param steps local steps τ a round
   * @param expectedBatch the public denominator b of every step's sum
   * @param microBatch examples that go through the model at once; bounds memory, changes no draw
   */
  public record Training(
      int steps, double expectedBatch, int microBatch, ClientOptimizer.Settings optimizer)
      implements Serializable {
    public Training {
      if (steps <= 0) {
        throw new IllegalArgumentException("federation.local-steps must be > 0, got " + steps);
      }
      if (!(expectedBatch > 0)) {
        throw new IllegalArgumentException(
            "the expected batch size must be > 0, got " + expectedBatch);
      }
      if (microBatch <= 0) {
        throw new IllegalArgumentException("federation.micro-batch must be > 0, got " + microBatch);
      }
    }
  }
}
