package org.lorica.privacy;

import java.io.Serializable;
import org.lorica.random.DrawKey;

/**
 * Clip and noise of one kind of released vector: made by {@link PrivacyPlan} only.
 *
 * @param clipper of one contribution
 * @param noiser of the sum of contributions
 */
public record Release(Clipper clipper, Noiser noiser) implements Serializable {
  /** Neither clip nor noise. */
  public static final Release PLAIN =
      new Release(new Clipper(Double.POSITIVE_INFINITY), GaussianNoiser.NONE);

  /** Scale of a contribution of {@code width} values; 0 where its norm is not finite. */
  public double factor(double norm, int width) {
    double most = Math.min(clipper.maxGradNorm(), noiser.clip(width));
    return new Clipper(most).factor(norm);
  }

  /**
   * sum += noise, coloured where the sum is the image of what was clipped. A key serves one sum
   * only.
   */
  public void addNoiseInPlace(DrawKey key, NoiseShape shape, double[] sum) {
    if (shape.blocks().isEmpty()) {
      noiser.addNoiseInPlace(key, sum);
      return;
    }
    if (!(noiser instanceof GaussianNoiser)) {
      throw new IllegalArgumentException(
          "strategy.clip-space must be factor with noise.mode = secure: noise on a grid has no"
              + " image on one");
    }
    double[] noise = new double[sum.length];
    noiser.addNoiseInPlace(key, noise);
    shape.applyInPlace(noise);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += noise[i];
    }
  }

  /** σ. */
  public double noiseMultiplier() {
    return noiser.noiseMultiplier();
  }
}
