package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorMath.LANES;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Linear loops over rows: a vector at a time, the rest one by one. Lane order is fixed, so results
 * are reproducible.
 */
public final class VectorLoops {
  private static final VectorSpecies<Double> HALVES = // half as many lanes, in the same register
      LANES.withLanes(double.class);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private VectorLoops() {}

  /** Floats of this machine's widest vectors. */
  public static int width() {
    return LANES.length();
  }

  static FloatVector load(Span s, int i) {
    return FloatVector.fromByteBuffer(LANES, s.bytes(), s.offset() + i * Float.BYTES, ORDER);
  }

  static void store(FloatVector v, Span s, int i) {
    v.intoByteBuffer(s.bytes(), s.offset() + i * Float.BYTES, ORDER);
  }

  static int bound(Span s) {
    return LANES.loopBound(s.length());
  }

  /** y += alpha·x. */
  public static void axpy(float alpha, Span x, Span y) {
    FloatVector factor = FloatVector.broadcast(LANES, alpha);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i).fma(factor, load(y, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, alpha * x.at(i) + y.at(i));
    }
  }

  /** y = x. */
  public static void copy(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, x.at(i));
    }
  }

  /** z = x + y. */
  public static void add(Span x, Span y, Span z) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i).add(load(y, i)), z, i);
    }
    for (; i < x.length(); i++) {
      z.set(i, x.at(i) + y.at(i));
    }
  }

  /** y = alpha·x. */
  public static void scale(float alpha, Span x, Span y) {
    FloatVector factor = FloatVector.broadcast(LANES, alpha);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i).mul(factor), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, alpha * x.at(i));
    }
  }

  /** y = x·y. */
  public static void multiply(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i).mul(load(y, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, x.at(i) * y.at(i));
    }
  }

  /** All elements = value. */
  public static void fill(float value, Span x) {
    int i = 0;
    FloatVector v = FloatVector.broadcast(LANES, value);
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(v, x, i);
    }
    for (; i < x.length(); i++) {
      x.set(i, value);
    }
  }

  /**
   * Σ x². In double: squares of floats neither overflow nor vanish there, and long sums lose
   * nothing that a clip would miss.
   */
  public static double squaredNorm(Span x) {
    DoubleVector first = DoubleVector.zero(HALVES);
    DoubleVector second = first;
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, HALVES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, HALVES, 1);
      first = low.fma(low, first);
      second = high.fma(high, second);
    }
    double rest = 0;
    for (; i < x.length(); i++) {
      rest += (double) x.at(i) * x.at(i);
    }
    return first.add(second).reduceLanes(VectorOperators.ADD) + rest;
  }
}
