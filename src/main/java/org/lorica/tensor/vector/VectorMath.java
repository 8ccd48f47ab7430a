package org.lorica.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Elementary functions on eight lanes, and the same arithmetic on one value for row ends. */
final class VectorMath {
  static final VectorSpecies<Float> LANES = FloatVector.SPECIES_256;

  private static final float LOG2E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float MAGIC =
      12582912f; // 1.5·2^23: adding it rounds to an integer in the low bits
  private static final int MAGIC_BITS = Float.floatToRawIntBits(MAGIC);
  private static final float LOWEST = -87.0f;
  private static final float HIGHEST = 88.0f;

  private static final float P =
      0.3275911f / 1.41421356237f; // Abramowitz and Stegun 7.1.26, in x = z·√2
  private static final float[] ERF = {
    0.254829592f, -0.284496736f, 1.421413741f, -1.453152027f, 1.061405429f
  };
  static final float INVERSE_SQRT_2PI = 0.3989422804f;

  private VectorMath() {}

  /** e^x, relative error about 2e-7; arguments are held in [−87, 88]. */
  static FloatVector exp(FloatVector x) {
    FloatVector held = x.min(HIGHEST).max(LOWEST);
    FloatVector shifted = held.mul(LOG2E).add(MAGIC);
    FloatVector n = shifted.sub(MAGIC);
    FloatVector r = held.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
    FloatVector p = r.mul(1.9875691500e-4f).add(1.3981999507e-3f);
    p = p.mul(r).add(8.3334519073e-3f);
    p = p.mul(r).add(4.1665795894e-2f);
    p = p.mul(r).add(1.6666665459e-1f);
    p = p.mul(r).add(5.0000001201e-1f);
    p = p.mul(r).mul(r).add(r).add(1f);
    IntVector power =
        shifted.reinterpretAsInts().sub(MAGIC_BITS).add(127).lanewise(VectorOperators.LSHL, 23);
    return p.mul(power.reinterpretAsFloats());
  }

  /** Φ(x) of the standard normal given e = e^(−x²/2); absolute error below 1e-7. */
  static FloatVector normalCdf(FloatVector x, FloatVector e) {
    FloatVector t = FloatVector.broadcast(LANES, 1f).div(x.abs().mul(P).add(1f));
    FloatVector p = t.mul(ERF[4]).add(ERF[3]);
    p = p.mul(t).add(ERF[2]);
    p = p.mul(t).add(ERF[1]);
    p = p.mul(t).add(ERF[0]);
    FloatVector tail = p.mul(t).mul(e).mul(0.5f); // Φ(−|x|)
    VectorMask<Float> negative = x.lt(0f);
    return FloatVector.broadcast(LANES, 1f).sub(tail).blend(tail, negative);
  }

  static float normalCdf(float x, float e) {
    float t = 1f / (Math.abs(x) * P + 1f);
    float p = (((ERF[4] * t + ERF[3]) * t + ERF[2]) * t + ERF[1]) * t + ERF[0];
    float tail = p * t * e * 0.5f;
    return x < 0 ? tail : 1f - tail;
  }

  /** tanh x: a series near 0, where 1 − 2/(e^2x + 1) would cancel. */
  static FloatVector tanh(FloatVector x) {
    FloatVector far =
        FloatVector.broadcast(LANES, 1f)
            .sub(FloatVector.broadcast(LANES, 2f).div(exp(x.add(x)).add(1f)));
    FloatVector x2 = x.mul(x);
    FloatVector near =
        x2.mul(-17f / 315f).add(2f / 15f).mul(x2).add(-1f / 3f).mul(x2).mul(x).add(x);
    return far.blend(near, x.abs().lt(0.3f));
  }

  /** 1/(1 + e^−x). */
  static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(LANES, 1f).div(exp(x.neg()).add(1f));
  }

  static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }
}
