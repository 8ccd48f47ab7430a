package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorMath.LANES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Linear loops over rows: a vector at a time, the rest one by one. Lane order is fixed, so results
 * are reproducible.
 */
public final class VectorLoops {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private VectorLoops() {}

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

  /** y = alpha·x. It ends a softmax, where the compiler inlines the vector API and no more. */
  public static void scale(float alpha, Span x, Span y) {
    ByteBuffer xs = x.bytes();
    ByteBuffer ys = y.bytes();
    int atX = x.offset();
    int atY = y.offset();
    FloatVector factor = FloatVector.broadcast(LANES, alpha);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector.fromByteBuffer(LANES, xs, atX + i * Float.BYTES, ORDER)
          .mul(factor)
          .intoByteBuffer(ys, atY + i * Float.BYTES, ORDER);
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

  /** Σ x. */
  public static float sum(Span x) {
    FloatVector total = FloatVector.zero(LANES);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      total = total.add(load(x, i));
    }
    float rest = 0;
    for (; i < x.length(); i++) {
      rest += x.at(i);
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  /** Σ x·y. */
  public static float dot(Span x, Span y) {
    FloatVector total = FloatVector.zero(LANES);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      total = load(x, i).fma(load(y, i), total);
    }
    float rest = 0;
    for (; i < x.length(); i++) {
      rest += x.at(i) * y.at(i);
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  /**
   * Greatest element; unspecified among ones that are not numbers. Compared as integers of the same
   * order, since the maximum of floats is six instructions that wait for each other.
   */
  public static float max(Span x) {
    int i = 0;
    float greatest = Float.NEGATIVE_INFINITY;
    int end = bound(x);
    if (end > 0) {
      IntVector top = VectorMath.ordered(load(x, 0).reinterpretAsInts());
      for (i = LANES.length(); i < end; i += LANES.length()) {
        top = top.max(VectorMath.ordered(load(x, i).reinterpretAsInts()));
      }
      greatest = VectorMath.ordered(top.reduceLanes(VectorOperators.MAX));
    }
    for (; i < x.length(); i++) {
      greatest = Math.max(greatest, x.at(i));
    }
    return greatest;
  }

  /** Σ (x − mean)². */
  public static float squaredDistance(float mean, Span x) {
    FloatVector total = FloatVector.zero(LANES);
    FloatVector centre = FloatVector.broadcast(LANES, mean);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector d = load(x, i).sub(centre);
      total = d.fma(d, total);
    }
    float rest = 0;
    for (; i < x.length(); i++) {
      float d = x.at(i) - mean;
      rest += d * d;
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  /** y = (x − shift)·factor·gamma + beta. */
  public static void normalise(float[] shiftAndFactor, Span x, Span gamma, Span beta, Span y) {
    float shift = shiftAndFactor[0];
    float factor = shiftAndFactor[1];
    FloatVector shifts = FloatVector.broadcast(LANES, shift);
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector hat = load(x, i).sub(shifts).mul(factors);
      store(hat.fma(load(gamma, i), load(beta, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, (x.at(i) - shift) * factor * gamma.at(i) + beta.at(i));
    }
  }

  /** y = (x − shift)·factor·gamma. */
  public static void normalise(float[] shiftAndFactor, Span x, Span gamma, Span y) {
    float shift = shiftAndFactor[0];
    float factor = shiftAndFactor[1];
    FloatVector shifts = FloatVector.broadcast(LANES, shift);
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(load(x, i).sub(shifts).mul(factors).mul(load(gamma, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, (x.at(i) - shift) * factor * gamma.at(i));
    }
  }

  /** Σ dy·gamma and Σ dy·gamma·(x − shift)·factor, into out[0] and out[1]. */
  public static void normSums(float[] shiftAndFactor, Span x, Span gamma, Span dy, float[] out) {
    float shift = shiftAndFactor[0];
    float factor = shiftAndFactor[1];
    FloatVector shifts = FloatVector.broadcast(LANES, shift);
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    FloatVector first = FloatVector.zero(LANES);
    FloatVector second = FloatVector.zero(LANES);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector g = load(dy, i).mul(load(gamma, i));
      first = first.add(g);
      second = load(x, i).sub(shifts).mul(factors).fma(g, second);
    }
    float a = first.reduceLanes(VectorOperators.ADD);
    float b = second.reduceLanes(VectorOperators.ADD);
    for (; i < x.length(); i++) {
      float g = dy.at(i) * gamma.at(i);
      a += g;
      b += g * (x.at(i) - shift) * factor;
    }
    out[0] = a;
    out[1] = b;
  }

  /** dy becomes dx of a normalisation: (dy·gamma − c[2] − (x − c[0])·c[1]·c[3])·c[1]. */
  public static void normGradient(float[] c, Span x, Span gamma, Span dy, Span dx) {
    FloatVector shift = FloatVector.broadcast(LANES, c[0]);
    FloatVector factor = FloatVector.broadcast(LANES, c[1]);
    FloatVector mean = FloatVector.broadcast(LANES, c[2]);
    FloatVector slope = FloatVector.broadcast(LANES, -c[3]);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector g = load(dy, i).mul(load(gamma, i));
      FloatVector hat = load(x, i).sub(shift).mul(factor);
      store(hat.fma(slope, g.sub(mean)).mul(factor), dx, i);
    }
    for (; i < x.length(); i++) {
      float g = dy.at(i) * gamma.at(i);
      float hat = (x.at(i) - c[0]) * c[1];
      dx.set(i, (g - c[2] - hat * c[3]) * c[1]);
    }
  }

  /** In place: dp = p·(dp − inner). */
  public static void softmaxGradient(float inner, Span p, Span dp) {
    FloatVector away = FloatVector.broadcast(LANES, inner);
    int i = 0;
    for (int end = bound(p); i < end; i += LANES.length()) {
      store(load(dp, i).sub(away).mul(load(p, i)), dp, i);
    }
    for (; i < p.length(); i++) {
      dp.set(i, (dp.at(i) - inner) * p.at(i));
    }
  }
}
