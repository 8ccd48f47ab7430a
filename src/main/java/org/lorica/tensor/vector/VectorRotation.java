package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorLoops.store;
import static org.lorica.tensor.vector.VectorMath.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Turns pairs of values in place (arXiv 2104.09864): element j of a head with element j + half, by
 * x ← x·cosine + partner·sine with the sine's sign in the table. Heads may be narrower than a
 * vector, of which one then holds several.
 */
public final class VectorRotation {
  private final int headWidth;
  private final VectorShuffle<Float> partners;

  /** For heads of one even width. */
  public VectorRotation(int headWidth) {
    this.headWidth = headWidth;
    int half = headWidth / 2;
    this.partners =
        VectorShuffle.fromOp(
            LANES, lane -> narrow() ? lane + (lane % headWidth < half ? half : -half) : lane);
  }

  private boolean narrow() {
    return LANES.length() % headWidth == 0;
  }

  /** Table entries of one position: the head's width, or a vector of heads side by side. */
  public int pitch() {
    return narrow() ? LANES.length() : headWidth;
  }

  /** Turns all heads of a row; the position's cosines and signed sines start at {@code at}. */
  public void turn(float[] cosines, float[] sines, int at, Span row) {
    int done = 0;
    if (narrow()) {
      done = LANES.loopBound(row.length());
      turnVectors(partners, cosines, sines, at, row);
    } else if (headWidth / 2 % LANES.length() == 0) {
      done = row.length();
      turnHalves(headWidth, cosines, sines, at, row);
    }
    for (int head = done; head < row.length(); head += headWidth) {
      turnOne(cosines, sines, at, row, head);
    }
  }

  private static void turnVectors(
      VectorShuffle<Float> partners, float[] cosines, float[] sines, int at, Span row) {
    FloatVector cosine = FloatVector.fromArray(LANES, cosines, at);
    FloatVector sine = FloatVector.fromArray(LANES, sines, at);
    for (int i = 0, end = LANES.loopBound(row.length()); i < end; i += LANES.length()) {
      FloatVector x = load(row, i);
      store(x.rearrange(partners).fma(sine, x.mul(cosine)), row, i);
    }
  }

  private static void turnHalves(int width, float[] cosines, float[] sines, int at, Span row) {
    int half = width / 2;
    for (int head = 0; head < row.length(); head += width) {
      for (int j = 0; j < half; j += LANES.length()) {
        FloatVector a = load(row, head + j);
        FloatVector b = load(row, head + j + half);
        FloatVector cosine = FloatVector.fromArray(LANES, cosines, at + j);
        FloatVector sine = FloatVector.fromArray(LANES, sines, at + j + half);
        store(a.mul(cosine).sub(b.mul(sine)), row, head + j);
        store(b.mul(cosine).add(a.mul(sine)), row, head + j + half);
      }
    }
  }

  private void turnOne(float[] cosines, float[] sines, int at, Span row, int head) {
    int half = headWidth / 2;
    for (int j = head; j < head + half; j++) {
      float a = row.at(j);
      float b = row.at(j + half);
      int angle = at + j - head;
      row.set(j, a * cosines[angle] + b * sines[angle]);
      row.set(j + half, b * cosines[angle + half] + a * sines[angle + half]);
    }
  }
}
