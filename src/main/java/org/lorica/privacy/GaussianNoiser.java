package org.lorica.privacy;

import org.lorica.random.DrawKey;
import org.lorica.random.RandomKey;

/**
 * Continuous Gaussian noise on a clipped sum, N(0, (σ·sensitivity)²) on every value, from a seed:
 * for simulation. Floating-point noise and a known seed give no formal guarantee.
 *
 * @param noiseMultiplier σ ≥ 0; 0 adds nothing
 */
public record GaussianNoiser(double noiseMultiplier, double sensitivity) implements Noiser {
  /** Adds nothing to sums of any size. */
  public static final GaussianNoiser NONE = new GaussianNoiser(0, Double.POSITIVE_INFINITY);

  public GaussianNoiser {
    if (!(noiseMultiplier >= 0) || Double.isInfinite(noiseMultiplier)) {
      throw new IllegalArgumentException("noiseMultiplier must be >= 0, got " + noiseMultiplier);
    }
    if (noiseMultiplier > 0 && !(sensitivity > 0 && sensitivity < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "noise needs a finite sensitivity > 0, got " + sensitivity);
    }
  }

  @Override
  public double clip(int width) {
    return sensitivity;
  }

  @Override
  public int batch(int wanted) {
    return wanted;
  }

  @Override
  public void roundInPlace(double[] contribution) {}

  @Override
  public void addNoiseInPlace(DrawKey key, double[] sum) {
    if (noiseMultiplier == 0) {
      return;
    }
    if (!(key instanceof RandomKey random)) {
      throw new IllegalArgumentException(
          "continuous noise is for simulation and needs a RandomKey, got "
              + key.getClass().getSimpleName());
    }
    random.addGaussiansInPlace(noiseMultiplier * sensitivity, sum);
  }
}
