package org.lorica.privacy;

/**
 * Discretizes a pair of distributions (Doroshenko et al., arXiv 2207.04380): the mass of every cell
 * [l, l+h] of losses is split on the cell's two ends so that the mass under both distributions is
 * kept. The result is the least loss distribution on the grid that dominates the pair.
 */
final class ConnectTheDots {
  private final double step;
  private final long first;
  private final double[] mass;
  private double infinity = 0;

  /**
   * @param cells number of cells above the grid point {@code first}
   */
  ConnectTheDots(double step, long first, int cells) {
    this.step = step;
    this.first = first;
    this.mass = new double[cells + 1];
  }

  /** Losses below the grid, taken up to its first point. */
  void below(double upper) {
    mass[0] += upper;
  }

  /** Losses above the grid: what the lower distribution cannot match at the last point is lost. */
  void above(double upper, double lower) {
    int last = mass.length - 1;
    double matched = Math.min(upper, raised((first + last) * step, lower));
    mass[last] += matched;
    infinity += upper - matched;
  }

  /** Losses between points {@code cell} and {@code cell + 1}. */
  void between(int cell, double upper, double lower) {
    double atHigh = (upper - raised((first + cell) * step, lower)) / -Math.expm1(-step);
    atHigh = Math.max(0, Math.min(upper, atHigh));
    mass[cell + 1] += atHigh;
    mass[cell] += upper - atHigh;
  }

  /** e^loss·lower; where that overflows, 0, which moves mass upwards. */
  private static double raised(double loss, double lower) {
    double product = Math.exp(loss) * lower;
    return Double.isFinite(product) ? product : 0;
  }

  /** A point mass at one loss between the first and the last grid point. */
  void atom(double loss, double upper) {
    int cell = (int) Math.min(mass.length - 2L, (long) Math.floor(loss / step) - first);
    if (cell < 0) {
      below(upper);
    } else {
      between(cell, upper, upper * Math.exp(-loss));
    }
  }

  /** Mass at infinite loss. */
  void infinite(double upper) {
    infinity += upper;
  }

  LossDistribution toDistribution() {
    return new LossDistribution(step, first, mass, infinity);
  }
}
