package org.lorica.privacy;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.math3.special.Gamma;

/**
 * Rényi accountant of the sampled Gaussian (Mironov, Talwar and Zhang, arXiv 1908.10530), integer
 * orders by the closed form and fractional ones by quadrature in log space; conversion by
 * proposition 12 of Canonne, Kamath and Steinke, arXiv 2004.00010.
 */
public final class RdpAccountant implements Accountant {
  /**
   * ε as a function of the order falls, then rises: after this many orders without a gain the
   * search ends. Every order gives a valid bound, so an early end could only be loose, never wrong.
   */
  private static final int PATIENCE = 12;

  /** Below it the quadrature needs gigabytes, above the other one its squares overflow. */
  private static final double LEAST_QUADRATURE = 0.005;

  private static final double MOST_QUADRATURE = 1e9;

  /** RDP per order of the mechanisms seen, filled as far as a search needed them. */
  private final Map<SampledGaussian, double[]> curves = new ConcurrentHashMap<>();

  private final String name;
  private final double[] orders;

  public RdpAccountant() {
    this("rdp", allOrders());
  }

  private RdpAccountant(String name, double[] orders) {
    this.name = name;
    this.orders = orders;
  }

  /**
   * Integer orders only. Slightly looser, but it also holds, with the same numbers, for the
   * discrete Gaussian on an integer grid ({@link DiscreteGaussianNoiser}).
   */
  public static RdpAccountant integerOrders() {
    return new RdpAccountant(
        "rdp-integer-orders",
        java.util.Arrays.stream(allOrders()).filter(a -> a == Math.rint(a)).toArray());
  }

  private static double[] allOrders() {
    java.util.stream.DoubleStream.Builder orders = java.util.stream.DoubleStream.builder();
    for (int i = 1; i < 100; i++) {
      orders.add(1 + i / 10.0);
    }
    for (int i = 11; i < 64; i++) {
      orders.add(i);
    }
    for (int order : new int[] {128, 256, 512, 1024}) {
      orders.add(order);
    }
    return orders.build().toArray();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public double epsilon(Composition spent, double delta) {
    Accountant.requireDelta(delta);
    Composition effective = spent.effective();
    if (effective.steps().isEmpty()) {
      return 0;
    }
    if (effective.isNoiseless()) {
      return Double.POSITIVE_INFINITY;
    }
    double best = Double.POSITIVE_INFINITY;
    int worse = 0;
    for (int i = 0; i < orders.length && worse < PATIENCE; i++) {
      double order = orders[i];
      double rdp = 0;
      for (Map.Entry<SampledGaussian, Integer> e : effective.steps().entrySet()) {
        rdp += e.getValue() * cached(e.getKey(), i);
      }
      double epsilon = rdp + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
      worse = epsilon < best ? 0 : worse + 1;
      best = Math.min(best, epsilon);
    }
    return Math.max(0, best);
  }

  private double cached(SampledGaussian step, int order) {
    double[] curve = curves.computeIfAbsent(step, s -> unknown());
    if (Double.isNaN(curve[order])) {
      curve[order] = rdp(step, orders[order]);
    }
    return curve[order];
  }

  private double[] unknown() {
    double[] curve = new double[orders.length];
    java.util.Arrays.fill(curve, Double.NaN);
    return curve;
  }

  /** Rényi divergence of one step at an order above 1. */
  static double rdp(SampledGaussian step, double order) {
    double q = step.samplingProbability();
    double sigma = step.noiseMultiplier();
    if (q == 1) {
      return order / (2 * sigma * sigma);
    }
    double logA = logA(q, sigma, order);
    return Double.isNaN(logA) ? Double.POSITIVE_INFINITY : Math.max(0, logA / (order - 1));
  }

  /** {@code (order − 1) D_order}; NaN where numbers end. */
  private static double logA(double q, double sigma, double order) {
    if (order == Math.rint(order)) {
      return integerLogA(q, sigma, (int) order);
    }
    if (sigma < LEAST_QUADRATURE || sigma > MOST_QUADRATURE) {
      return chord(q, sigma, order);
    }
    return fractionalLogA(q, sigma, order);
  }

  /** Above the curve, for {@code (order − 1) D_order} is convex in the order. */
  static double chord(double q, double sigma, double order) {
    int below = (int) order;
    double share = order - below;
    return (1 - share) * integerLogA(q, sigma, below) + share * integerLogA(q, sigma, below + 1);
  }

  private static double integerLogA(double q, double sigma, int order) {
    double[] terms = new double[order + 1];
    for (int k = 0; k <= order; k++) {
      terms[k] =
          Gamma.logGamma(order + 1.0)
              - Gamma.logGamma(k + 1.0)
              - Gamma.logGamma(order - k + 1.0)
              + (order - k) * Math.log1p(-q)
              + k * Math.log(q)
              + ((double) k * k - k) / (2 * sigma) / sigma;
    }
    return logSum(terms);
  }

  private static double fractionalLogA(double q, double sigma, double order) {
    double from = -12 * sigma - 2;
    double to = order + 12 * sigma + 2;
    double width =
        Math.min(sigma / 20, sigma * sigma / 4); // the trapezoid rule converges exponentially here
    int points = (int) Math.ceil((to - from) / width) + 1;
    double[] terms = new double[points];
    double constant = Math.log(width) - Math.log(sigma * Math.sqrt(2 * Math.PI));
    for (int i = 0; i < points; i++) {
      double x = from + i * width;
      double ratio = logAdd(Math.log1p(-q), Math.log(q) + (2 * x - 1) / (2 * sigma * sigma));
      terms[i] = constant - x * x / (2 * sigma * sigma) + order * ratio;
    }
    return logSum(terms);
  }

  private static double logAdd(double a, double b) {
    double high = Math.max(a, b);
    return high + Math.log1p(Math.exp(Math.min(a, b) - high));
  }

  private static double logSum(double[] terms) {
    double high = Double.NEGATIVE_INFINITY;
    for (double term : terms) {
      high = Math.max(high, term);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - high);
    }
    return high + Math.log(sum);
  }
}
