package org.lorica.privacy;

import java.io.Serializable;
import java.util.Comparator;

/**
 * One step: a Poisson-subsampled Gaussian mechanism under add/remove of one unit.
 *
 * @param samplingProbability q in [0, 1]
 * @param noiseMultiplier σ ≥ 0, standard deviation of the noise on the sum divided by the
 *     sensitivity
 */
public record SampledGaussian(double samplingProbability, double noiseMultiplier)
    implements Serializable, Comparable<SampledGaussian> {
  private static final Comparator<SampledGaussian> ORDER =
      Comparator.comparingDouble(SampledGaussian::samplingProbability)
          .thenComparingDouble(SampledGaussian::noiseMultiplier);

  public SampledGaussian {
    if (!(samplingProbability >= 0 && samplingProbability <= 1)) {
      throw new IllegalArgumentException(
          "samplingProbability must be in [0, 1], got " + samplingProbability);
    }
    if (!(noiseMultiplier >= 0 && noiseMultiplier < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "noiseMultiplier must be >= 0 and finite, got " + noiseMultiplier);
    }
  }

  @Override
  public int compareTo(SampledGaussian other) {
    return ORDER.compare(this, other);
  }
}
