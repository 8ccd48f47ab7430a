package org.lorica.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lorica.random.Draws;

/** Random choices that partitions are made of. */
final class Draw {
  private Draw() {}

  /**
   * {@code count} of the numbers 0 … n−1, every subset with the same probability, ascending. Time
   * and memory go with {@code count} (Floyd's algorithm, CACM 30(9), 1987).
   */
  static List<Integer> distinct(Draws draws, int n, int count) {
    if (count > n) {
      throw new IllegalArgumentException("count must be <= " + n + ", got " + count);
    }
    Set<Integer> chosen = new HashSet<>();
    for (int top = n - count; top < n; top++) {
      int drawn = (int) draws.below(top + 1L);
      if (!chosen.add(drawn)) {
        chosen.add(top);
      }
    }
    List<Integer> sorted = new ArrayList<>(chosen);
    sorted.sort(null);
    return sorted;
  }

  /** An index with probability in proportion to its weight; weights ≥ 0, not all 0. */
  static int weighted(Draws draws, double[] weights) {
    double total = 0;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      total += weights[i];
      last = weights[i] > 0 ? i : last;
    }
    double at = draws.uniform() * total;
    double upTo = 0;
    for (int i = 0; i < last; i++) {
      upTo += weights[i];
      if (at < upTo) {
        return i;
      }
    }
    return last;
  }

  /**
   * One draw of a Dirichlet distribution: shares that add up to 1, every one positive. Gammas by
   * Marsaglia and Tsang (ACM TOMS 26(3), 2000), in logarithms so that tiny concentrations do not
   * underflow.
   *
   * @param concentrations each &gt; 0
   */
  static double[] dirichlet(Draws draws, double[] concentrations) {
    double[] logs = new double[concentrations.length];
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logs.length; i++) {
      logs[i] = logGamma(draws, concentrations[i]);
      most = Math.max(most, logs[i]);
    }
    double total = 0;
    double[] shares = new double[logs.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.max(Math.exp(logs[i] - most), Double.MIN_NORMAL);
      total += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= total;
    }
    return shares;
  }

  /** ln of a Gamma(shape, 1) draw. */
  private static double logGamma(Draws draws, double shape) {
    if (shape < 1) { // Gamma(a) = Gamma(a + 1)·U^(1/a)
      return logGamma(draws, shape + 1) + Math.log(1 - draws.uniform()) / shape;
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = gaussian(draws);
      double cube = Math.pow(1 + c * x, 3);
      if (cube > 0) {
        double u = 1 - draws.uniform();
        if (Math.log(u) < 0.5 * x * x + d - d * cube + d * Math.log(cube)) {
          return Math.log(d * cube);
        }
      }
    }
  }

  /** Standard normal (Box–Muller). */
  static double gaussian(Draws draws) {
    double radius = Math.sqrt(-2 * Math.log(1 - draws.uniform()));
    return radius * Math.cos(2 * Math.PI * draws.uniform());
  }
}
