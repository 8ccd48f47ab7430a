package org.lorica.privacy.audit;

/**
 * What an attacker who knows the plan saw of one canary over all its client's steps. The canary
 * owns one coordinate of the noised sums; x is that coordinate divided by the clip norm C, so that
 * a step adds 1 if the canary is in its batch.
 *
 * @param in whether it was in the data
 * @param logLikelihoodRatio of the steps if it was in, against if it was not, by the plan (nats)
 */
public record CanaryTrace(boolean in, double logLikelihoodRatio, Totals totals) {

  /**
   * Sums over steps.
   *
   * @param steps how many
   * @param shift Σ x
   * @param energy Σ (x/σ)²
   * @param batches Σ q: expected batches with it, were it in
   * @param batchVariance Σ q(1 − q): variance of that number under Poisson sampling
   */
  public record Totals(
      int steps, double shift, double energy, double batches, double batchVariance) {
    /** Nothing seen yet. */
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0);

    /** One more step. */
    public Totals plus(double x, double samplingProbability, double sigma) {
      return new Totals(
          steps + 1,
          shift + x,
          energy + x * x / (sigma * sigma),
          batches + samplingProbability,
          batchVariance + samplingProbability * (1 - samplingProbability));
    }
  }

  /** A canary that nothing was seen of. */
  public static CanaryTrace unseen(boolean in) {
    return new CanaryTrace(in, 0, Totals.NONE);
  }

  /** One more step. */
  public CanaryTrace plus(double x, double samplingProbability, double sigma) {
    double present = (2 * x - 1) / (2 * sigma * sigma);
    return new CanaryTrace(
        in,
        logLikelihoodRatio + mixed(samplingProbability, present),
        totals.plus(x, samplingProbability, sigma));
  }

  /** log(1 − q + q·eˢ). */
  private static double mixed(double q, double s) {
    return s <= 0 ? Math.log1p(q * Math.expm1(s)) : s + Math.log1p((1 - q) * Math.expm1(-s));
  }
}
