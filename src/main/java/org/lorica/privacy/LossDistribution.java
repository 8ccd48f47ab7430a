package org.lorica.privacy;

/**
 * A privacy loss distribution on the grid of multiples of h: mass[i] of the upper distribution at
 * loss (first + i)·h, the rest at infinity. Immutable.
 */
final class LossDistribution {
  private final double step;
  private final long first;
  private final double[] mass;
  private final double infinity;

  /** Takes the array over: the caller must not keep it. */
  LossDistribution(double step, long first, double[] mass, double infinity) {
    this.step = step;
    this.first = first;
    this.mass = mass;
    this.infinity = infinity;
  }

  /** h. */
  double step() {
    return step;
  }

  /** Grid index of the least loss. */
  long first() {
    return first;
  }

  int size() {
    return mass.length;
  }

  double mass(int i) {
    return mass[i];
  }

  double loss(int i) {
    return (first + i) * step;
  }

  /** Mass at infinite loss. */
  double infinity() {
    return infinity;
  }

  /**
   * ln Σ mass·e^(order·loss) over finite losses: the cumulant generating function. The powers along
   * the grid are a geometric sequence, renewed often enough to keep 13 digits.
   */
  double cumulant(double order) {
    int anchor = order >= 0 ? mass.length - 1 : 0;
    int direction = order >= 0 ? -1 : 1;
    double ratio = Math.exp(-Math.abs(order) * step);
    double sum = 0;
    double power = 1;
    for (int n = 0; n < mass.length; n++) {
      if ((n & 511) == 0) {
        power = Math.exp(-Math.abs(order) * step * n);
        if (power == 0) {
          break;
        }
      }
      sum += mass[anchor + direction * n] * power;
      power *= ratio;
    }
    return order * loss(anchor) + Math.log(sum);
  }
}
