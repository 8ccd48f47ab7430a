package org.lorica.privacy;

import java.io.Serializable;
import org.lorica.random.DrawKey;

/** Noise on a clipped sum. Two kinds: continuous for simulation, on an integer grid for secrecy. */
public sealed interface Noiser extends Serializable permits GaussianNoiser, DiscreteGaussianNoiser {

  /** σ: standard deviation of the noise divided by the sensitivity; 0 adds nothing. */
  double noiseMultiplier();

  /** C: what one contribution may add to the sum, in L2 norm. */
  double sensitivity();

  /**
   * The norm to which a contribution of {@code width} values must be clipped, so that it stays
   * within the sensitivity after {@link #roundInPlace}.
   */
  double clip(int width);

  /** Contributions that may share one pass through the model, at most {@code wanted}. */
  int batch(int wanted);

  /** Brings a clipped contribution to the grid in which sums are kept. */
  void roundInPlace(double[] contribution);

  /** sum += noise, and back from the grid to plain values. A key serves one sum only. */
  void addNoiseInPlace(DrawKey key, double[] sum);
}
