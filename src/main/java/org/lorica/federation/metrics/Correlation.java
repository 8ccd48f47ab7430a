package org.lorica.federation.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Correlation of two lists of numbers; 0 where one of them is constant. */
final class Correlation {
  private Correlation() {}

  static double pearson(double[] x, double[] y) {
    double meanX = mean(x);
    double meanY = mean(y);
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    return xx == 0 || yy == 0 ? 0 : xy / Math.sqrt(xx * yy);
  }

  /** Pearson's of the ranks; ties share the mean of their ranks. */
  static double spearman(double[] x, double[] y) {
    return pearson(ranks(x), ranks(y));
  }

  private static double[] ranks(double[] x) {
    List<Integer> order =
        IntStream.range(0, x.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> x[i]))
            .toList();
    double[] ranks = new double[x.length];
    int from = 0;
    while (from < x.length) {
      int to = from;
      while (to < x.length && x[order.get(to)] == x[order.get(from)]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order.get(i)] = (from + to - 1) / 2.0;
      }
      from = Math.max(to, from + 1); // NaN equals nothing
    }
    return ranks;
  }

  private static double mean(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v;
    }
    return sum / x.length;
  }
}
