package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.bound;
import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorLoops.store;
import static org.lorica.tensor.vector.VectorMath.LANES;
import static org.lorica.tensor.vector.VectorMath.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Loops with elementary functions over rows. */
public final class VectorFunctions {
  private VectorFunctions() {}

  /** In place: x = e^(x − shift); returns the sum. */
  public static float expInPlace(float shift, Span x) {
    FloatVector total = FloatVector.zero(LANES);
    FloatVector by = all(shift);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector e = VectorMath.expOfSmall(load(x, i).sub(by));
      total = total.add(e);
      store(e, x, i);
    }
    float sum = total.reduceLanes(VectorOperators.ADD);
    for (; i < x.length(); i++) {
      float e = VectorMath.expOfSmall(x.at(i) - shift);
      sum += e;
      x.set(i, e);
    }
    return sum;
  }

  /** Σ e^(x − shift). */
  public static float expSum(float shift, Span x) {
    FloatVector total = FloatVector.zero(LANES);
    FloatVector by = all(shift);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      total = total.add(VectorMath.expOfSmall(load(x, i).sub(by)));
    }
    float sum = total.reduceLanes(VectorOperators.ADD);
    for (; i < x.length(); i++) {
      sum += (float) Math.exp(x.at(i) - shift);
    }
    return sum;
  }

  /** y = factor·e^(x − shift). */
  public static void expScaled(float shift, float factor, Span x, Span y) {
    FloatVector by = all(shift);
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(VectorMath.expOfSmall(load(x, i).sub(by)).mul(factor), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, factor * (float) Math.exp(x.at(i) - shift));
    }
  }

  /** y = x·Φ(x). */
  public static void gelu(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfSmall(v.mul(v).mul(all(-0.5f)));
      FloatVector tail = VectorMath.normalTail(v, e);
      store(v.mul(all(1f).sub(tail).blend(tail, v.lt(0f))), y, i);
    }
    for (; i < x.length(); i++) {
      float v = x.at(i);
      y.set(i, v * VectorMath.normalCdf(v, (float) Math.exp(-0.5f * v * v)));
    }
  }

  /** y = x·Φ(x), and x becomes the slope Φ(x) + x·φ(x). */
  public static void geluAndSlope(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfSmall(v.mul(v).mul(all(-0.5f)));
      FloatVector tail = VectorMath.normalTail(v, e);
      FloatVector cdf = all(1f).sub(tail).blend(tail, v.lt(0f));
      store(v.mul(cdf), y, i);
      store(v.mul(e).fma(all(VectorMath.INVERSE_SQRT_2PI), cdf), x, i);
    }
    for (; i < x.length(); i++) {
      float v = x.at(i);
      float e = (float) Math.exp(-0.5f * v * v);
      float cdf = VectorMath.normalCdf(v, e);
      y.set(i, v * cdf);
      x.set(i, cdf + v * e * VectorMath.INVERSE_SQRT_2PI);
    }
  }

  /** dx = dy·(Φ(x) + x·φ(x)). */
  public static void geluGradient(Span x, Span dy, Span dx) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfSmall(v.mul(v).mul(all(-0.5f)));
      FloatVector tail = VectorMath.normalTail(v, e);
      FloatVector cdf = all(1f).sub(tail).blend(tail, v.lt(0f));
      store(load(dy, i).mul(v.mul(e).fma(all(VectorMath.INVERSE_SQRT_2PI), cdf)), dx, i);
    }
    for (; i < x.length(); i++) {
      float v = x.at(i);
      float e = (float) Math.exp(-0.5f * v * v);
      dx.set(i, dy.at(i) * (VectorMath.normalCdf(v, e) + v * e * VectorMath.INVERSE_SQRT_2PI));
    }
  }

  /** y = tanh x. */
  public static void tanh(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(VectorMath.tanh(load(x, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, (float) Math.tanh(x.at(i)));
    }
  }

  /** dx = dy·(1 − y²). */
  public static void tanhGradient(Span y, Span dy, Span dx) {
    int i = 0;
    for (int end = bound(y); i < end; i += LANES.length()) {
      FloatVector v = load(y, i);
      store(load(dy, i).mul(all(1f).sub(v.mul(v))), dx, i);
    }
    for (; i < y.length(); i++) {
      float v = y.at(i);
      dx.set(i, dy.at(i) * (1 - v * v));
    }
  }

  /** y = silu(gate)·up; y may be none of the inputs. */
  public static void swiglu(Span gate, Span up, Span y) {
    sigmoid(gate, y);
    int i = 0;
    for (int end = bound(gate); i < end; i += LANES.length()) {
      store(load(gate, i).mul(load(y, i)).mul(load(up, i)), y, i);
    }
    for (; i < gate.length(); i++) {
      y.set(i, gate.at(i) * y.at(i) * up.at(i));
    }
  }

  private static void sigmoid(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      store(VectorMath.sigmoid(load(x, i)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, VectorMath.sigmoid(x.at(i)));
    }
  }

  /** Gradients of {@link #swiglu}. */
  public static void swigluGradient(Span gate, Span up, Span dy, Span dGate, Span dUp) {
    sigmoid(gate, dGate); // two short loops: one long one is too much for the compiler to inline
    int i = 0;
    for (int end = bound(gate); i < end; i += LANES.length()) {
      FloatVector g = load(gate, i);
      FloatVector s = load(dGate, i);
      FloatVector d = load(dy, i);
      FloatVector slope = all(1f).sub(s).fma(g, all(1f)).mul(s);
      store(d.mul(load(up, i)).mul(slope), dGate, i);
      store(d.mul(g).mul(s), dUp, i);
    }
    for (; i < gate.length(); i++) {
      float g = gate.at(i);
      float s = dGate.at(i);
      dGate.set(i, dy.at(i) * up.at(i) * s * (1 + g * (1 - s)));
      dUp.set(i, dy.at(i) * g * s);
    }
  }
}
