package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorLoops.store;
import static org.lorica.tensor.vector.VectorMath.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax of one row after another, and its gradient. Rows are worked on in arrays: an access to
 * native memory costs several times as much. Belongs to one thread.
 */
public final class RowSoftmax {
  private static final float LOW = Float.NEGATIVE_INFINITY;

  private float[] row = {};
  private float[] slopes = {};
  private float top; // greatest element of the present row

  private void reserve(int width) {
    if (row.length < width) {
      row = new float[width];
      slopes = new float[width];
    }
  }

  /** y = softmax(x), which may be x; returns ln Σ e^x in nats. */
  public double softmax(Span x, Span y) {
    float sum = exponentials(x);
    write(1 / sum, x.length(), y);
    return top + Math.log(sum);
  }

  /** ln Σ e^x in nats. */
  public double logSum(Span x) {
    float sum = exponentials(x);
    return top + Math.log(sum);
  }

  private float exponentials(Span x) {
    reserve(x.length());
    top = take(x, row);
    return exponentials(top, row, x.length());
  }

  /** In place: dp = p·(dp − Σ p·dp). */
  public void gradient(Span p, Span dp) {
    reserve(p.length());
    project(inner(p, dp), p.length(), dp);
  }

  /**
   * Copies a row into an array; returns its greatest element, unspecified among ones that are not
   * numbers. Compared as integers of the same order, since the maximum of floats is six
   * instructions that wait for each other.
   */
  private static float take(Span x, float[] to) {
    IntVector most = VectorMath.ordered(FloatVector.broadcast(LANES, LOW).reinterpretAsInts());
    int i = 0;
    for (int end = LANES.loopBound(x.length()); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      v.intoArray(to, i);
      most = most.max(VectorMath.ordered(v.reinterpretAsInts()));
    }
    float greatest = VectorMath.ordered(most.reduceLanes(VectorOperators.MAX));
    for (; i < x.length(); i++) {
      to[i] = x.at(i);
      greatest = Math.max(greatest, to[i]);
    }
    return greatest;
  }

  /** row = e^(row − shift); returns the sum. */
  private static float exponentials(float shift, float[] row, int width) {
    FloatVector total = FloatVector.zero(LANES);
    FloatVector by = FloatVector.broadcast(LANES, shift);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector e = VectorMath.expOfSmall(FloatVector.fromArray(LANES, row, i).sub(by));
      total = total.add(e);
      e.intoArray(row, i);
    }
    float sum = total.reduceLanes(VectorOperators.ADD);
    for (; i < width; i++) {
      row[i] = VectorMath.expOfSmall(row[i] - shift);
      sum += row[i];
    }
    return sum;
  }

  private void write(float factor, int width, Span y) {
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      store(FloatVector.fromArray(LANES, row, i).mul(factors), y, i);
    }
    for (; i < width; i++) {
      y.set(i, row[i] * factor);
    }
  }

  /** Copies both into arrays; returns Σ p·dp. */
  private float inner(Span p, Span dp) {
    FloatVector total = FloatVector.zero(LANES);
    int i = 0;
    for (int end = LANES.loopBound(p.length()); i < end; i += LANES.length()) {
      FloatVector a = load(p, i);
      FloatVector b = load(dp, i);
      a.intoArray(row, i);
      b.intoArray(slopes, i);
      total = a.fma(b, total);
    }
    float rest = 0;
    for (; i < p.length(); i++) {
      row[i] = p.at(i);
      slopes[i] = dp.at(i);
      rest += row[i] * slopes[i];
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  private void project(float inner, int width, Span dp) {
    FloatVector away = FloatVector.broadcast(LANES, inner);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector d = FloatVector.fromArray(LANES, slopes, i).sub(away);
      store(d.mul(FloatVector.fromArray(LANES, row, i)), dp, i);
    }
    for (; i < width; i++) {
      dp.set(i, (slopes[i] - inner) * row[i]);
    }
  }
}
