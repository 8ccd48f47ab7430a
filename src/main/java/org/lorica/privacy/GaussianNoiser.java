package org.lorica.privacy;

import java.io.Serializable;
import org.lorica.random.RandomKey;

/**
 * Gaussian noise on a clipped sum: N(0, (σ·sensitivity)²) on every value, drawn once from a key.
 *
 * @param noiseMultiplier σ ≥ 0; 0 adds nothing
 */
public record GaussianNoiser(double noiseMultiplier, double sensitivity) implements Serializable {
  public GaussianNoiser {
    if (!(noiseMultiplier >= 0) || Double.isInfinite(noiseMultiplier)) {
      throw new IllegalArgumentException("noiseMultiplier must be >= 0, got " + noiseMultiplier);
    }
    if (noiseMultiplier > 0 && !(sensitivity > 0 && sensitivity < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "noise needs a finite sensitivity > 0, got " + sensitivity);
    }
  }

  /** sum += noise; the same key gives the same noise, so a key serves one sum only. */
  public void addNoiseInPlace(RandomKey key, double[] sum) {
    if (noiseMultiplier > 0) {
      key.addGaussiansInPlace(noiseMultiplier * sensitivity, sum);
    }
  }
}
