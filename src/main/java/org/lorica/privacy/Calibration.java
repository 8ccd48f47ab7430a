package org.lorica.privacy;

import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.solvers.AllowedSolution;
import org.apache.commons.math3.analysis.solvers.BracketingNthOrderBrentSolver;

/** The least noise for a target ε. */
public final class Calibration {
  private static final double LEAST = 1e-2;
  private static final double GREATEST = 1e6;
  private static final double USUAL = 128; // of the least: 1.28
  private static final double TOLERANCE = 1e-7; // in ln σ
  private static final int MOST_EVALUATIONS = 200;

  private static final Remembered KNOWN = new Remembered();

  private Calibration() {}

  private record Question(
      String accountant, double epsilon, double samplingProbability, int steps, double delta) {}

  /**
   * σ such that {@code steps} steps cost at most {@code epsilon}: the upper end of the last
   * bracket, so never below what is needed and at most 1e-6 (relative) above. At least 0.01.
   *
   * <p>Brackets are found by {@link RdpAccountant}, which is cheap for any σ and never below {@link
   * PldAccountant}.
   */
  public static double noiseMultiplier(
      Accountant accountant, double epsilon, double samplingProbability, int steps, double delta) {
    return KNOWN.value(
        new Question(accountant.name(), epsilon, samplingProbability, steps, delta),
        () -> solved(accountant, epsilon, samplingProbability, steps, delta));
  }

  private static double solved(
      Accountant accountant, double epsilon, double samplingProbability, int steps, double delta) {
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("privacy.epsilon must be > 0, got " + epsilon);
    }
    if (steps < 0) {
      throw new IllegalArgumentException("steps must be >= 0, got " + steps);
    }
    Accountant.requireDelta(delta);
    Accountant coarse = accountant instanceof RdpAccountant ? accountant : new RdpAccountant();
    UnivariateFunction excess = excess(accountant, epsilon, samplingProbability, steps, delta);
    double enough = greater(excess(coarse, epsilon, samplingProbability, steps, delta), LEAST);
    if (enough > GREATEST) {
      enough = greater(excess, 1); // RDP's conversion ends above very small ε
    }
    if (enough > GREATEST) {
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
    if (enough == LEAST) {
      return LEAST;
    }
    double high = Math.log(enough);
    double low = high;
    while (excess.value(low) <= 0) {
      if (low <= Math.log(LEAST)) {
        return LEAST;
      }
      high = low;
      low -= 0.3;
    }
    return Math.exp(
        new BracketingNthOrderBrentSolver(TOLERANCE, TOLERANCE, 5)
            .solve(MOST_EVALUATIONS, excess, low, high, AllowedSolution.RIGHT_SIDE));
  }

  /**
   * The first of {@code from}, 2·from, 4·from, … that is enough. Sought from a usual one upwards or
   * downwards: Rényi divergences under hardly any noise take long to integrate.
   */
  private static double greater(UnivariateFunction excess, double from) {
    double sigma = from * USUAL;
    if (excess.value(Math.log(sigma)) > 0) {
      do {
        sigma *= 2;
      } while (sigma <= GREATEST && excess.value(Math.log(sigma)) > 0);
      return sigma;
    }
    while (sigma > from && excess.value(Math.log(sigma / 2)) <= 0) {
      sigma /= 2;
    }
    return sigma;
  }

  /**
   * ln(ε(σ)/target) as a function of ln σ: falling and nearly straight, until ε is 0 at one stroke
   * where δ alone suffices.
   */
  private static UnivariateFunction excess(
      Accountant accountant, double epsilon, double q, int steps, double delta) {
    return logSigma -> {
      double spent = accountant.epsilon(new SampledGaussian(q, Math.exp(logSigma)), steps, delta);
      return Math.max(-1, Math.log(Math.min(1e300, spent) / epsilon));
    };
  }
}
