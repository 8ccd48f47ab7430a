package org.lorica.privacy;

import java.io.Serializable;

/**
 * What the privacy plan lets a client do: how it draws batches, what clip and noise every local
 * step has, and what clip and noise its message to the server has. Made by {@link PrivacyPlan}.
 *
 * @param samplingProbability q of a record in a step; what the sampler aims at
 * @param step of the summed gradients of one batch
 * @param message of the change of the adapter over the whole round
 */
public record ClientTerms(
    BatchSampler sampler, double samplingProbability, Release step, Release message)
    implements Serializable {

  /** Poisson batches, no clip and no noise: for public data and non-private runs. */
  public static ClientTerms withoutPrivacy(double samplingProbability) {
    return new ClientTerms(
        new PoissonSampler(samplingProbability), samplingProbability, Release.PLAIN, Release.PLAIN);
  }

  /** σ of whichever release has noise; 0 where none has. */
  public double noiseMultiplier() {
    return Math.max(step.noiseMultiplier(), message.noiseMultiplier());
  }
}
