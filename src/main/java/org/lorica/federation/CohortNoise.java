package org.lorica.federation;

import java.util.List;
import org.lorica.privacy.Noiser;

/**
 * How much noise one value of a local step's mean gradient carries, over a round's cohort. A
 * function of public terms: with vₖ = (σₖ·C/b)², b the public expected batch size.
 *
 * @param ofMean variance in the weighted mean over clients, Σ wₖ²vₖ
 * @param ofClient variance at one client, averaged with the weights, Σ wₖvₖ
 */
public record CohortNoise(double ofMean, double ofClient) {
  /** No noise. */
  public static final CohortNoise NONE = new CohortNoise(0, 0);

  public CohortNoise {
    if (!(ofMean >= 0 && ofClient >= 0)) {
      throw new IllegalArgumentException(
          "variances must be >= 0, got " + ofMean + " and " + ofClient);
    }
  }

  static CohortNoise of(List<Participant> participants, double expectedBatch) {
    double ofMean = 0;
    double ofClient = 0;
    for (Participant p : participants) {
      Noiser noiser = p.terms().step().noiser();
      double sigma = noiser.noiseMultiplier();
      // without noise there may be no clip, and 0·∞ is no variance
      double deviation = sigma == 0 ? 0 : sigma * noiser.sensitivity() / expectedBatch;
      ofMean += p.weight() * p.weight() * deviation * deviation;
      ofClient += p.weight() * deviation * deviation;
    }
    return new CohortNoise(ofMean, ofClient);
  }
}
