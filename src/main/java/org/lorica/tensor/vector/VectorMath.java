package org.lorica.tensor.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions on the lanes of this machine's widest vectors. Methods are short so that the
 * compiler inlines them: a vector that crosses a call is an object on the heap.
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

  static FloatVector all(float value) {
    return FloatVector.broadcast(LANES, value);
  }

  /** e^x, relative error about 2e-7; arguments are held in [−87, 88]. */
  static FloatVector exp(FloatVector x) {
    return expHeld(x.min(all(HIGHEST)).max(all(LOWEST)));
  }

  /** e^x for x ≤ 88; arguments below −87 count as −87. */
  static FloatVector expOfSmall(FloatVector x) {
    return expHeld(x.max(all(LOWEST)));
  }

  private static FloatVector expHeld(FloatVector x) {
    FloatVector shifted = x.fma(all(LOG2E), all(MAGIC));
    FloatVector f = x.fma(all(LOG2E), all(MAGIC).sub(shifted));
    FloatVector p = f.fma(all(C6), all(C5));
    p = p.fma(f, all(C4)).fma(f, all(C3)).fma(f, all(C2)).fma(f, all(C1)).fma(f, all(1f));
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
    FloatVector t = all(1f).div(x.abs().fma(all(P), all(1f)));
    FloatVector p = t.fma(all(0.5f * E5), all(0.5f * E4));
    p = p.fma(t, all(0.5f * E3)).fma(t, all(0.5f * E2)).fma(t, all(0.5f * E1));
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
    FloatVector far = all(1f).sub(all(2f).div(exp(x.add(x)).add(all(1f))));
    FloatVector x2 = x.mul(x);
    FloatVector near =
        x2.fma(all(-17f / 315f), all(2f / 15f)).fma(x2, all(-1f / 3f)).mul(x2).fma(x, x);
    return far.blend(near, x.abs().lt(0.3f));
  }

  /** 1/(1 + e^−x). */
  static FloatVector sigmoid(FloatVector x) {
    return all(1f).div(exp(x.neg()).add(all(1f)));
  }

  static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }
}
