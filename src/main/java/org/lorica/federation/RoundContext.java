package org.lorica.federation;

import org.lorica.lora.AdapterSet;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

/**
 * What a strategy knows of a round.
 *
 * @param round counted from 0
 * @param key the run's key
 * @param global the adapter that the cohort started from
 * @param state what the strategy remembered of earlier rounds
 * @param noise of the cohort's gradients; public
 */
public record RoundContext(
    int round, RandomKey key, AdapterSet global, StrategyState state, CohortNoise noise) {

  /** A round of a method without memory, without noise. */
  public RoundContext(int round, RandomKey key, AdapterSet global) {
    this(round, key, global, StrategyState.NONE, CohortNoise.NONE);
  }

  /** A key for this round, purpose and module. */
  public RandomKey key(Purpose purpose, int module) {
    return key.with(round).with(purpose).with(module);
  }

  /** rows × cols standard normal draws for one module of this round. */
  public Matrix gaussian(Purpose purpose, int module, int rows, int cols) {
    double[] values = new double[rows * cols];
    key(purpose, module).addGaussiansInPlace(1, values);
    return Matrix.of(rows, cols, values);
  }
}
