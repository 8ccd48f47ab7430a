package org.lorica.privacy;

import org.apache.commons.numbers.gamma.Erfc;

/**
 * Privacy loss of one step of the sampled Gaussian, discretized: N(0, σ²) against (1−q)·N(0, σ²) +
 * q·N(1, σ²).
 */
final class SampledGaussianLoss {
  /** −Φ⁻¹(½e⁻⁵⁰): what lies beyond this many deviations is given to infinity. */
  private static final double TAIL = 9.7455;

  private final double q;
  private final double sigma;

  SampledGaussianLoss(SampledGaussian step) {
    this.q = step.samplingProbability();
    this.sigma = step.noiseMultiplier();
  }

  /** Width of the range of losses that the grid must span. */
  double span() {
    return loss(1 + TAIL * sigma) - loss(-TAIL * sigma);
  }

  LossDistribution discretized(Direction direction, double h) {
    long low = (long) Math.floor(loss(-TAIL * sigma) / h);
    long high = Math.max(low + 1, (long) Math.ceil(loss(1 + TAIL * sigma) / h));
    int cells = Math.toIntExact(high - low);
    boolean remove = direction == Direction.REMOVE;
    ConnectTheDots grid = new ConnectTheDots(h, remove ? low : -high, cells);
    double at = outcome(low * h);
    double without = below(at);
    double with = mixed(without, below(at - 1));
    if (remove) {
      grid.below(with);
    } else {
      grid.above(without, with);
    }
    for (int cell = 0; cell < cells; cell++) {
      double next = outcome((low + cell + 1) * h);
      without = between(at, next);
      with = mixed(without, between(at - 1, next - 1));
      if (remove) {
        grid.between(cell, with, without);
      } else {
        grid.between(cells - 1 - cell, without, with);
      }
      at = next;
    }
    without = below(-at);
    with = mixed(without, below(1 - at));
    if (remove) {
      grid.above(with, without);
    } else {
      grid.below(without);
    }
    return grid.toDistribution();
  }

  private double mixed(double without, double with) {
    return (1 - q) * without + q * with;
  }

  /** ln of the likelihood ratio at outcome x. */
  private double loss(double x) {
    double shifted = (2 * x - 1) / (2 * sigma * sigma);
    if (q == 1) {
      return shifted;
    }
    double a = Math.log1p(-q);
    double b = Math.log(q) + shifted;
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  /** The outcome with a given loss; −∞ where every outcome's loss is greater. */
  private double outcome(double loss) {
    double ratio;
    if (loss > 30) {
      ratio = loss - Math.log(q) + Math.log1p(-(1 - q) * Math.exp(-loss));
    } else {
      double excess = Math.expm1(loss) + q;
      if (!(excess > 0)) {
        return Double.NEGATIVE_INFINITY;
      }
      ratio = Math.log(excess / q);
    }
    return sigma * sigma * ratio + 0.5;
  }

  /** P[N(0, σ²) < x]. */
  private double below(double x) {
    return 0.5 * Erfc.value(-x / (sigma * Math.sqrt(2)));
  }

  /** P[a < N(0, σ²) < b], by the tails of the side where they are small. */
  private double between(double a, double b) {
    return Math.max(0, a > 0 ? below(-a) - below(-b) : below(b) - below(a));
  }
}
