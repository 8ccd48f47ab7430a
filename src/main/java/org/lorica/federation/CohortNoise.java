package org.lorica.federation;

import java.util.List;
import org.lorica.privacy.Release;

/**
 * How much noise a round's cohort carries, a function of public terms: one value of a local step's
 * mean gradient, with vₖ = (σₖ·C/b)² and b the public expected batch size, and one value of the
 * mean change over the round, where messages are noised and not steps.
 *
 * @param ofMean variance in the weighted mean of a step's gradients, Σ wₖ²vₖ
 * @param ofClient variance of a step's gradient at one client, averaged with the weights, Σ wₖvₖ
 * @param ofChange variance that noised messages add to the mean change of the adapter, Σ wₖ²(σₖC)²;
 *     (σC/m)² where a trusted server noises the sum and divides by the expected cohort m
 */
public record CohortNoise(double ofMean, double ofClient, double ofChange) {
  /** No noise. */
  public static final CohortNoise NONE = new CohortNoise(0, 0, 0);

  public CohortNoise {
    if (!(ofMean >= 0 && ofClient >= 0 && ofChange >= 0)) {
      throw new IllegalArgumentException(
          "variances must be >= 0, got " + ofMean + ", " + ofClient + " and " + ofChange);
    }
  }

  static CohortNoise of(List<Participant> participants, double expectedBatch) {
    double ofMean = 0;
    double ofClient = 0;
    double ofChange = 0;
    for (Participant p : participants) {
      double step = deviation(p.terms().step()) / expectedBatch;
      double message = deviation(p.terms().message());
      ofMean += p.weight() * p.weight() * step * step;
      ofClient += p.weight() * step * step;
      ofChange += p.weight() * p.weight() * message * message;
    }
    return new CohortNoise(ofMean, ofClient, ofChange);
  }

  /** The same where a trusted server noises the sum of all messages. */
  CohortNoise plusCentral(Release release, double expectedCohort) {
    double deviation = deviation(release) / expectedCohort;
    return new CohortNoise(ofMean, ofClient, ofChange + deviation * deviation);
  }

  private static double deviation(Release release) {
    double sigma = release.noiseMultiplier();
    // without noise there may be no clip, and 0·∞ is no variance
    return sigma == 0 ? 0 : sigma * release.noiser().sensitivity();
  }
}
