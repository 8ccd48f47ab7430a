package org.lorica.privacy;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/**
 * δ(ε) of the Gaussian mechanism without sampling, in closed form (Balle and Wang, arXiv
 * 1805.06530, theorem 8). T steps are one with σ/√T.
 */
final class GaussianCurve {
  private GaussianCurve() {}

  /** Φ(1/(2σ) − εσ) − e^ε·Φ(−1/(2σ) − εσ). */
  static double delta(double sigma, double epsilon) {
    double a = (epsilon * sigma - 1 / (2 * sigma)) / Math.sqrt(2);
    double b = (epsilon * sigma + 1 / (2 * sigma)) / Math.sqrt(2);
    // a² = b² − ε: the second term without e^ε, which overflows
    return 0.5 * (Erfc.value(a) - Math.exp(-a * a) * Erfcx.value(b));
  }

  /** Least ε ≥ 0 with δ(ε) ≤ delta, from above, to 1e-12 relative. */
  static double epsilon(double sigma, double delta) {
    if (delta(sigma, 0) <= delta) {
      return 0;
    }
    double low = 0;
    double high = 1;
    while (delta(sigma, high) > delta) {
      low = high;
      high *= 2;
    }
    while (high - low > 1e-12 * high) {
      double middle = (low + high) / 2;
      if (delta(sigma, middle) > delta) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}
