package org.lorica.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions on the lanes of this machine's widest vectors. Methods are short so that the
 * compiler inlines them: a vector that crosses a call is an object on the heap. The API's own
 * methods are inlined before all others, so constants are broadcast without a name in between.
 */
final class VectorMath {
  static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  private static final float LOG2E = 1.44269504088896341f;
  private static final float MAGIC =
      12582912f; // 1.5·2^23: adding it rounds to an integer in the low bits
  private static final float LOWEST = -87.0f;
  private static final float HIGHEST = 88.0f;

  // 2^f on [−½, ½], relative error 2e-8, fitted for least greatest relative error
  private static final float C1 = 0.6931471824645996f;
  private static final float C2 = 0.24022646248340607f;
  private static final float C3 = 0.05550328642129898f;
  private static final float C4 = 0.009618489071726799f;
  private static final float C5 = 0.0013399930903688073f;
  private static final float C6 = 0.0001534581242594868f;

  static final float P = 0.3275911f / 1.41421356237f; // Abramowitz and Stegun 7.1.26, in x = z·√2
  static final float E1 = 0.254829592f;
  static final float E2 = -0.284496736f;
  static final float E3 = 1.421413741f;
  static final float E4 = -1.453152027f;
  static final float E5 = 1.061405429f;
  static final float INVERSE_SQRT_2PI = 0.3989422804f;

  private VectorMath() {}

  /** e^x, relative error about 2e-7; arguments are held in [−87, 88]. */
  static FloatVector exp(FloatVector x) {
    return expHeld(
        x.min(FloatVector.broadcast(LANES, HIGHEST)).max(FloatVector.broadcast(LANES, LOWEST)));
  }

  /** e^x for x ≤ 88; arguments below −87 count as −87. */
  static FloatVector expOfSmall(FloatVector x) {
    return expHeld(x.max(FloatVector.broadcast(LANES, LOWEST)));
  }

  /** Bits of floats to integers of the same order, and back: a maximum in one instruction. */
  static IntVector ordered(IntVector bits) {
    return bits.lanewise(VectorOperators.ASHR, 31)
        .lanewise(VectorOperators.LSHR, 1)
        .lanewise(VectorOperators.XOR, bits);
  }

  /** The float of an ordered integer. */
  static float ordered(int bits) {
    return Float.intBitsToFloat(bits >> 31 >>> 1 ^ bits);
  }

  /**
   * e^−y for y ≥ 0; more than 87 counts as 87, and so does what is not a number: non-negative
   * floats have their integers' order, whose minimum is one instruction.
   */
  static FloatVector expOfMinus(FloatVector y) {
    return expHeld(
        y.reinterpretAsInts().min(Float.floatToRawIntBits(-LOWEST)).reinterpretAsFloats().neg());
  }

  private static FloatVector expHeld(FloatVector x) {
    FloatVector shifted =
        x.fma(FloatVector.broadcast(LANES, LOG2E), FloatVector.broadcast(LANES, MAGIC));
    FloatVector f =
        x.fma(
            FloatVector.broadcast(LANES, LOG2E), FloatVector.broadcast(LANES, MAGIC).sub(shifted));
    FloatVector p = f.fma(FloatVector.broadcast(LANES, C6), FloatVector.broadcast(LANES, C5));
    p =
        p.fma(f, FloatVector.broadcast(LANES, C4))
            .fma(f, FloatVector.broadcast(LANES, C3))
            .fma(f, FloatVector.broadcast(LANES, C2))
            .fma(f, FloatVector.broadcast(LANES, C1))
            .fma(f, FloatVector.broadcast(LANES, 1f));
    return p.reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  /** The same arithmetic on one value, for row ends. */
  static float expOfSmall(float x) {
    float held = Math.max(x, LOWEST);
    float shifted = Math.fma(held, LOG2E, MAGIC);
    float f = Math.fma(held, LOG2E, MAGIC - shifted);
    float p = Math.fma(f, C6, C5);
    p = Math.fma(p, f, C4);
    p = Math.fma(p, f, C3);
    p = Math.fma(p, f, C2);
    p = Math.fma(p, f, C1);
    p = Math.fma(p, f, 1f);
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
  }

  /** Φ(−|x|) of the standard normal given e = e^(−x²/2); absolute error below 1e-7. */
  static FloatVector normalTail(FloatVector x, FloatVector e) {
    FloatVector t =
        FloatVector.broadcast(LANES, 1f)
            .div(x.abs().fma(FloatVector.broadcast(LANES, P), FloatVector.broadcast(LANES, 1f)));
    FloatVector p =
        t.fma(FloatVector.broadcast(LANES, 0.5f * E5), FloatVector.broadcast(LANES, 0.5f * E4));
    p =
        p.fma(t, FloatVector.broadcast(LANES, 0.5f * E3))
            .fma(t, FloatVector.broadcast(LANES, 0.5f * E2))
            .fma(t, FloatVector.broadcast(LANES, 0.5f * E1));
    return p.mul(t).mul(e);
  }

  /** Φ(x) given e = e^(−x²/2), for row ends. */
  static float normalCdf(float x, float e) {
    float t = 1f / (Math.abs(x) * P + 1f);
    float p = (((E5 * t + E4) * t + E3) * t + E2) * t + E1;
    float tail = p * t * e * 0.5f;
    return x < 0 ? tail : 1f - tail;
  }

  /** tanh x: a series near 0, where 1 − 2/(e^2x + 1) would cancel. */
  static FloatVector tanh(FloatVector x) {
    FloatVector far =
        FloatVector.broadcast(LANES, 1f)
            .sub(
                FloatVector.broadcast(LANES, 2f)
                    .div(exp(x.add(x)).add(FloatVector.broadcast(LANES, 1f))));
    FloatVector x2 = x.mul(x);
    FloatVector near =
        x2.fma(FloatVector.broadcast(LANES, -17f / 315f), FloatVector.broadcast(LANES, 2f / 15f))
            .fma(x2, FloatVector.broadcast(LANES, -1f / 3f))
            .mul(x2)
            .fma(x, x);
    return far.blend(near, x.abs().lt(0.3f));
  }

  /** 1/(1 + e^−x). */
  static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }
}
