package org.lorica.privacy;

import org.lorica.random.DrawKey;
import org.lorica.random.Draws;

/**
 * Exact noise for real secrecy: contributions are rounded to a grid of σC/2^20, summed as integers
 * and noised with a discrete Gaussian of 2^20 grid steps, so no floating-point sum or draw can give
 * the data away (Mironov 2012 shows how it would).
 *
 * <p>What one contribution adds is an integer vector v with ‖v‖ ≤ C/grid. For a shift by an integer
 * vector the sampled discrete Gaussian has, at every integer order, exactly the Rényi divergence of
 * the continuous one: each term of the binomial sum is a discrete Gaussian moved by an integer.
 * {@link RdpAccountant#integerOrders} therefore covers it, with no error term.
 *
 * @param noiseMultiplier σ > 0
 */
public record DiscreteGaussianNoiser(double noiseMultiplier, double sensitivity) implements Noiser {
  private static final int SCALE_BITS = 20;
  private static final DiscreteGaussian NOISE = new DiscreteGaussian(SCALE_BITS);

  public DiscreteGaussianNoiser {
    if (!(noiseMultiplier > 0) || Double.isInfinite(noiseMultiplier)) {
      throw new IllegalArgumentException("noiseMultiplier must be > 0, got " + noiseMultiplier);
    }
    if (!(sensitivity > 0) || Double.isInfinite(sensitivity)) {
      throw new IllegalArgumentException("sensitivity must be > 0, got " + sensitivity);
    }
  }

  private double grid() {
    return noiseMultiplier * sensitivity / (1 << SCALE_BITS);
  }

  /** C less what rounding may add: half a grid step in each of {@code width} directions. */
  @Override
  public double clip(int width) {
    double tightened = sensitivity - grid() * Math.sqrt(width) / 2;
    if (!(tightened > 0)) {
      throw new IllegalArgumentException(
          "noise multiplier "
              + noiseMultiplier
              + " is too great for "
              + width
              + " values on the grid of noise.mode = secure; train fewer values or raise"
              + " privacy.epsilon");
    }
    return tightened;
  }

  /** One at a time: how others round must not depend on who shares their pass. */
  @Override
  public int batch(int wanted) {
    return 1;
  }

  /**
   * Rounds to whole grid steps. A contribution whose rounded norm still exceeds C, which the clip
   * rules out up to rounding of norms, is shrunk until it does not.
   */
  @Override
  public void roundInPlace(double[] contribution) {
    double grid = grid();
    double greatest = sensitivity / grid;
    double shrink = 1;
    double[] rounded = new double[contribution.length];
    double norm;
    do {
      double squares = 0;
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = Math.rint(contribution[i] / grid * shrink);
        squares += rounded[i] * rounded[i];
      }
      norm = Math.sqrt(squares);
      shrink *= 1 - 1e-6;
    } while (norm > greatest * (1 - 1e-12));
    System.arraycopy(rounded, 0, contribution, 0, rounded.length);
  }

  @Override
  public void addNoiseInPlace(DrawKey key, double[] sum) {
    Draws draws = key.draws();
    double grid = grid();
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (Math.rint(sum[i]) + NOISE.sample(draws)) * grid;
    }
  }
}
