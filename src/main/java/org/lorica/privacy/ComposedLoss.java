package org.lorica.privacy;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;
import org.jtransforms.fft.DoubleFFT_1D;
import pl.edu.icm.jlargearrays.ConcurrencyUtils;

/**
 * ε of a composition of loss distributions by one FFT of the tilted distributions.
 *
 * <p>Plain convolution by FFT (Koskela et al., arXiv 1906.03049) has an absolute error near 1e-12,
 * which spoils δ = 1e-10. So every distribution is first multiplied by e^(λl), λ being the saddle
 * point for the wanted δ: the composed mass then peaks where ε is, and the error is relative to δ.
 */
final class ComposedLoss {
  /** Tilted mass that may lie outside the transformed range, on each side. */
  private static final double OUTSIDE = 1e-15;

  private static final int GREATEST_TRANSFORM = 1 << 22; // 150 MB with its tables
  private static final double LEAST_LOG_ORDER = -4;

  static {
    ConcurrencyUtils.setNumberOfThreads(1); // its pool is not daemon and would keep a JVM alive
  }

  /** A distribution and how often it is composed. */
  record Part(LossDistribution loss, int times) {}

  /** The grid is too fine for the range of losses. */
  static final class TooFine extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final List<Part> parts;
  private final double step;

  /**
   * A greater tilt than 0.1/h would lose the mass of the next grid point in rounding. It would be
   * asked for where losses are bounded and δ is below the mass at the bound.
   */
  private final double greatestLogOrder;

  /**
   * @param parts on a common grid step, all of one direction
   */
  ComposedLoss(List<Part> parts) {
    this.parts = List.copyOf(parts);
    this.step = parts.get(0).loss().step();
    this.greatestLogOrder = Math.log(0.1 / step);
  }

  /** Least ε ≥ 0 with δ(ε) ≤ delta; +∞ if the mass at infinity is greater. */
  double epsilon(double delta) throws TooFine {
    double infinity = -Math.expm1(sum(p -> Math.log1p(-p.loss().infinity())));
    if (infinity >= delta) {
      return Double.POSITIVE_INFINITY;
    }
    double tilt = saddle(delta);
    Transformed composed = composed(tilt);
    return composed.epsilon(delta, infinity, sum(p -> p.loss().cumulant(tilt)));
  }

  /**
   * The composition itself, to an absolute error near 1e-16 a point.
   *
   * @param tilt 0 for the masses of the upper distribution, −1 for those of the lower one
   */
  LossDistribution distribution(int tilt) throws TooFine {
    if (parts.size() == 1 && parts.get(0).times() == 1 && tilt == 0) {
      return parts.get(0).loss();
    }
    double infinity = -Math.expm1(sum(p -> Math.log1p(-p.loss().infinity())));
    return composed(tilt).distribution(infinity, sum(p -> p.loss().cumulant(tilt)));
  }

  private interface OfPart {
    double value(Part part);
  }

  private double sum(OfPart figure) {
    double sum = 0;
    for (Part part : parts) {
      sum += part.times() * figure.value(part);
    }
    return sum;
  }

  /** The λ of the Chernoff bound on ε at this δ. */
  private double saddle(double delta) {
    double logDelta = Math.log(delta);
    return Math.exp(
        argmin(t -> (sum(p -> p.loss().cumulant(Math.exp(t))) - logDelta) / Math.exp(t)));
  }

  /** Of a function that falls, then rises; far out it may be flat, so it is met from below. */
  private double argmin(DoubleUnaryOperator f) {
    double low = LEAST_LOG_ORDER;
    double middle = low;
    double best = f.applyAsDouble(middle);
    double high = middle;
    while (high < greatestLogOrder) {
      high = Math.min(high + 1, greatestLogOrder);
      double value = f.applyAsDouble(high);
      if (!(value < best)) {
        break;
      }
      low = middle;
      middle = high;
      best = value;
    }
    return new BrentOptimizer(1e-3, 1e-3)
        .optimize(
            GoalType.MINIMIZE,
            new UnivariateObjectiveFunction(f::applyAsDouble),
            new SearchInterval(low, high, middle),
            new MaxEval(100))
        .getPoint();
  }

  /** Chernoff bound on where the tilted sum ends, upwards (sign = 1) or downwards (−1). */
  private long end(double tilt, int sign, double[] cumulants) {
    DoubleUnaryOperator bound =
        t -> {
          double order = tilt + sign * Math.exp(t);
          double log = -Math.log(OUTSIDE);
          for (int i = 0; i < cumulants.length; i++) {
            log += parts.get(i).times() * (parts.get(i).loss().cumulant(order) - cumulants[i]);
          }
          return log / Math.exp(t);
        };
    double at = argmin(bound);
    return (long) Math.ceil(bound.applyAsDouble(at) / step) + 1;
  }

  private Transformed composed(double tilt) throws TooFine {
    double[] cumulants = parts.stream().mapToDouble(p -> p.loss().cumulant(tilt)).toArray();
    long high = end(tilt, 1, cumulants);
    long low = -end(tilt, -1, cumulants);
    long points = Long.highestOneBit(Math.max(2, high - low + 1) * 2 - 1);
    if (points > GREATEST_TRANSFORM) {
      throw new TooFine();
    }
    int n = (int) points;
    DoubleFFT_1D fft = FourierPlan.of(n);
    double[] spectrum = new double[n]; // ln|.| in even, angle in odd places, summed over the parts
    boolean middleNegative = false;
    for (int i = 0; i < cumulants.length; i++) {
      double[] one = wrapped(parts.get(i).loss(), tilt, cumulants[i], n);
      fft.realForward(one);
      middleNegative ^= one[1] < 0 && parts.get(i).times() % 2 == 1;
      addLogPower(one, parts.get(i).times(), spectrum);
    }
    fromLog(spectrum);
    spectrum[1] = middleNegative ? -spectrum[1] : spectrum[1];
    fft.realInverse(spectrum, true);
    return new Transformed(spectrum, low, high, tilt);
  }

  /** The tilted masses, indices taken modulo n, which circular convolution allows. */
  private double[] wrapped(LossDistribution loss, double tilt, double cumulant, int n) {
    double[] out = new double[n];
    for (int i = 0; i < loss.size(); i++) {
      double mass = loss.mass(i);
      if (mass > 0) {
        out[(int) Math.floorMod(loss.first() + i, (long) n)] +=
            mass * Math.exp(tilt * loss.loss(i) - cumulant);
      }
    }
    return out;
  }

  /** JTransforms' real layout: [0] is frequency 0, [1] frequency n/2 (real), then pairs. */
  private static void addLogPower(double[] one, int times, double[] spectrum) {
    int n = one.length;
    spectrum[0] += times * Math.log(Math.abs(one[0]));
    spectrum[1] += times * Math.log(Math.abs(one[1]));
    for (int k = 2; k < n; k += 2) {
      double re = one[k];
      double im = one[k + 1];
      spectrum[k] += times * 0.5 * Math.log(re * re + im * im);
      spectrum[k + 1] += times * Math.atan2(im, re);
    }
  }

  private static void fromLog(double[] spectrum) {
    spectrum[0] = Math.exp(spectrum[0]);
    spectrum[1] = Math.exp(spectrum[1]);
    for (int k = 2; k < spectrum.length; k += 2) {
      double size = Math.exp(spectrum[k]);
      double angle = spectrum[k + 1];
      spectrum[k] = size == 0 ? 0 : size * Math.cos(angle);
      spectrum[k + 1] = size == 0 ? 0 : size * Math.sin(angle);
    }
  }

  /** Tilted mass at grid index i is values[i mod n], for low ≤ i ≤ high. */
  private final class Transformed {
    private final double[] values;
    private final long low;
    private final long high;
    private final double tilt;

    Transformed(double[] values, long low, long high, double tilt) {
      this.values = values;
      this.low = low;
      this.high = high;
      this.tilt = tilt;
    }

    LossDistribution distribution(double infinity, double cumulant) {
      double total = Math.exp(cumulant);
      double[] mass = new double[Math.toIntExact(high - low + 1)];
      for (int i = 0; i < mass.length; i++) {
        mass[i] = total * Math.max(0, values[(int) Math.floorMod(low + i, (long) values.length)]);
      }
      return new LossDistribution(step, low, mass, Math.min(1, infinity + 2 * OUTSIDE));
    }

    /**
     * Walks from the greatest loss down. Between grid points, δ(ε) = infinity + A − e^ε·B with A
     * and B the masses of both distributions above ε.
     *
     * @param cumulant of the untilted composition at the tilt
     */
    double epsilon(double delta, double infinity, double cumulant) {
      double upper = 0;
      double lower = 0; // e^loss·B
      double down = Math.exp(-step);
      for (long i = high; i >= Math.max(0, low); i--) {
        double loss = i * step;
        double untilt = Math.exp(cumulant - tilt * loss);
        double lost = infinity + 2 * OUTSIDE * untilt;
        if (lost + upper - lower > delta) {
          return Math.max(0, loss + Math.log((lost + upper - delta) / lower));
        }
        double mass = untilt * Math.max(0, values[(int) Math.floorMod(i, (long) values.length)]);
        upper += mass;
        lower = (lower + mass) * down;
      }
      return low > 0 ? low * step : 0;
    }
  }
}
