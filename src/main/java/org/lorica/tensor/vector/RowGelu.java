package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorMath.LANES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * GELU with its slope, a piece in the nearest cache after another. Two loops, since one would be
 * too much for the compiler to inline. Belongs to one thread.
 */
public final class RowGelu {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int PIECE = 1024;

  private final float[] values = new float[PIECE];
  private final float[] densities = new float[PIECE]; // e^(−x²/2)
  private final Span from = new Span();
  private final Span to = new Span();

  /** y = x·Φ(x), and x becomes the slope Φ(x) + x·φ(x). */
  public void valueAndSlope(Span x, Span y) {
    for (int at = 0; at < x.length(); at += PIECE) {
      int length = Math.min(PIECE, x.length() - at);
      from.set(x, at, length);
      to.set(y, at, length);
      take(from, values, densities);
      write(values, densities, from, to);
    }
  }

  private static void take(Span x, float[] values, float[] densities) {
    FloatVector half = FloatVector.broadcast(LANES, 0.5f);
    int i = 0;
    for (int end = LANES.loopBound(x.length()); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      v.intoArray(values, i);
      VectorMath.expOfMinus(v.mul(v).mul(half)).intoArray(densities, i);
    }
    for (; i < x.length(); i++) {
      float v = x.at(i);
      values[i] = v;
      densities[i] = (float) Math.exp(-0.5f * v * v);
    }
  }

  /** At the compiler's limit: beyond the vector API it calls nothing that could stay a call. */
  private static void write(float[] values, float[] densities, Span slope, Span y) {
    ByteBuffer slopes = slope.bytes();
    ByteBuffer ys = y.bytes();
    int i = 0;
    for (int end = LANES.loopBound(slope.length()); i < end; i += LANES.length()) {
      FloatVector v = FloatVector.fromArray(LANES, values, i);
      FloatVector e = FloatVector.fromArray(LANES, densities, i);
      FloatVector tail = VectorMath.normalTail(v, e);
      FloatVector cdf = FloatVector.broadcast(LANES, 1f).sub(tail).blend(tail, v.lt(0f));
      v.mul(cdf).intoByteBuffer(ys, y.offset() + i * Float.BYTES, ORDER);
      v.mul(e)
          .fma(FloatVector.broadcast(LANES, VectorMath.INVERSE_SQRT_2PI), cdf)
          .intoByteBuffer(slopes, slope.offset() + i * Float.BYTES, ORDER);
    }
    for (; i < slope.length(); i++) {
      float cdf = VectorMath.normalCdf(values[i], densities[i]);
      y.set(i, values[i] * cdf);
      slope.set(i, cdf + values[i] * densities[i] * VectorMath.INVERSE_SQRT_2PI);
    }
  }
}
