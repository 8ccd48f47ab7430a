package org.lorica.privacy;

import java.io.Serializable;

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

  /** σ. */
  public double noiseMultiplier() {
    return noiser.noiseMultiplier();
  }
}
