package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.bound;
import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorLoops.store;
import static org.lorica.tensor.vector.VectorMath.LANES;

import jdk.incubator.vector.FloatVector;

/** Loops with elementary functions over rows. */
public final class VectorFunctions {
  private VectorFunctions() {}

  /** y = x·Φ(x). */
  public static void gelu(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfMinus(v.mul(v).mul(FloatVector.broadcast(LANES, 0.5f)));
      FloatVector tail = VectorMath.normalTail(v, e);
      store(v.mul(FloatVector.broadcast(LANES, 1f).sub(tail).blend(tail, v.lt(0f))), y, i);
    }
    for (; i < x.length(); i++) {
      float v = x.at(i);
      y.set(i, v * VectorMath.normalCdf(v, (float) Math.exp(-0.5f * v * v)));
    }
  }

  /** dx = dy·(Φ(x) + x·φ(x)). */
  public static void geluGradient(Span x, Span dy, Span dx) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfMinus(v.mul(v).mul(FloatVector.broadcast(LANES, 0.5f)));
      FloatVector tail = VectorMath.normalTail(v, e);
      FloatVector cdf = FloatVector.broadcast(LANES, 1f).sub(tail).blend(tail, v.lt(0f));
      store(
          load(dy, i)
              .mul(v.mul(e).fma(FloatVector.broadcast(LANES, VectorMath.INVERSE_SQRT_2PI), cdf)),
          dx,
          i);
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
      store(load(dy, i).mul(FloatVector.broadcast(LANES, 1f).sub(v.mul(v))), dx, i);
    }
    for (; i < y.length(); i++) {
      float v = y.at(i);
      dx.set(i, dy.at(i) * (1 - v * v));
    }
  }

  /** y = 1/(1 + e^−x). */
  public static void sigmoid(Span x, Span y) {
    int i = 0;
    for (int end = bound(x); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      FloatVector e = VectorMath.expOfMinus(v.abs());
      FloatVector one = FloatVector.broadcast(LANES, 1f);
      FloatVector above = one.div(e.add(one));
      store(above.blend(above.mul(e), v.lt(0f)), y, i);
    }
    for (; i < x.length(); i++) {
      y.set(i, VectorMath.sigmoid(x.at(i)));
    }
  }

  // The loops below take the sigmoid ready: with it they would be too much for the compiler to
  // inline.

  /** y, which holds sigmoid(gate), becomes silu(gate)·up. */
  public static void swiglu(Span gate, Span up, Span y) {
    int i = 0;
    for (int end = bound(gate); i < end; i += LANES.length()) {
      store(load(gate, i).mul(load(y, i)).mul(load(up, i)), y, i);
    }
    for (; i < gate.length(); i++) {
      y.set(i, gate.at(i) * y.at(i) * up.at(i));
    }
  }

  /** Gradients of {@link #swiglu}, dGate holding sigmoid(gate) before. */
  public static void swigluGradient(Span gate, Span up, Span dy, Span dGate, Span dUp) {
    FloatVector one = FloatVector.broadcast(LANES, 1f);
    int i = 0;
    for (int end = bound(gate); i < end; i += LANES.length()) {
      FloatVector g = load(gate, i);
      FloatVector s = load(dGate, i);
      FloatVector d = load(dy, i);
      store(d.mul(load(up, i)).mul(one.sub(s).fma(g, one).mul(s)), dGate, i);
      store(d.mul(g).mul(s), dUp, i);
    }
    for (; i < gate.length(); i++) {
      float g = gate.at(i);
      float s = dGate.at(i);
      dGate.set(i, dy.at(i) * up.at(i) * s * (1 + g * (1 - s)));
      dUp.set(i, dy.at(i) * g * s);
    }
  }

  /** y = silu(gate)·up and its slopes, ofUp holding sigmoid(gate) before. */
  public static void swigluAndSlopes(Span gate, Span up, Span y, Span ofGate, Span ofUp) {
    FloatVector one = FloatVector.broadcast(LANES, 1f);
    int i = 0;
    for (int end = bound(gate); i < end; i += LANES.length()) {
      FloatVector g = load(gate, i);
      FloatVector s = load(ofUp, i);
      FloatVector u = load(up, i);
      FloatVector silu = g.mul(s);
      store(silu.mul(u), y, i);
      store(silu, ofUp, i);
      store(one.sub(s).fma(g, one).mul(s).mul(u), ofGate, i);
    }
    for (; i < gate.length(); i++) {
      float g = gate.at(i);
      float s = ofUp.at(i);
      y.set(i, g * s * up.at(i));
      ofUp.set(i, g * s);
      ofGate.set(i, up.at(i) * s * (1 + g * (1 - s)));
    }
  }
}
