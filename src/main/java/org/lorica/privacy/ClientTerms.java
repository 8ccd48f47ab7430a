package org.lorica.privacy;

import java.io.Serializable;

/**
 * What the privacy plan lets a client do in every local step: how it samples, clips and noises.
 * Made by {@link PrivacyPlan} only, except without privacy.
 */
public record ClientTerms(PoissonSampler sampler, Clipper clipper, GaussianNoiser noiser)
    implements Serializable {

  /** Poisson batches, no clip and no noise: for public data and non-private runs. */
  public static ClientTerms withoutPrivacy(double samplingProbability) {
    return new ClientTerms(
        new PoissonSampler(samplingProbability),
        new Clipper(Double.POSITIVE_INFINITY),
        new GaussianNoiser(0, 1));
  }

  /** q. */
  public double samplingProbability() {
    return sampler.samplingProbability();
  }

  /** σ. */
  public double noiseMultiplier() {
    return noiser.noiseMultiplier();
  }
}
