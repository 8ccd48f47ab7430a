package org.lorica.privacy;

/** The least noise for a target ε. */
public final class Calibration {
  private static final double LEAST = 1e-2;
  private static final double GREATEST = 1e6;
  private static final double TOLERANCE = 1e-4; // relative, in σ

  private Calibration() {}

  /**
   * σ such that {@code steps} steps cost at most {@code epsilon}: the upper end of a bisection in
   * ln σ, so never below what is needed and at most 1e-4 (relative) above.
   */
  public static double noiseMultiplier(
      Accountant accountant, double epsilon, double samplingProbability, int steps, double delta) {
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("privacy.epsilon must be > 0, got " + epsilon);
    }
    double low = LEAST;
    double high = LEAST;
    while (cost(accountant, samplingProbability, high, steps, delta) > epsilon) {
      low = high;
      high *= 2;
      if (high > GREATEST) {
        throw new IllegalArgumentException(
            "privacy.epsilon = "
                + epsilon
                + " cannot be reached at delta "
                + delta
                + " with q = "
                + samplingProbability
                + " over "
                + steps
                + " steps, even with noise multiplier "
                + GREATEST
                + "; raise privacy.epsilon or take fewer rounds or local steps");
      }
    }
    while (high / low > 1 + TOLERANCE) {
      double middle = Math.sqrt(low * high);
      if (cost(accountant, samplingProbability, middle, steps, delta) > epsilon) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static double cost(
      Accountant accountant, double q, double sigma, int steps, double delta) {
    return accountant.epsilon(new SampledGaussian(q, sigma), steps, delta);
  }
}
