package org.lorica.tensor.vector;

import static org.lorica.tensor.vector.VectorLoops.load;
import static org.lorica.tensor.vector.VectorLoops.store;
import static org.lorica.tensor.vector.VectorMath.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Layer norm and RMS norm of one row after another. Rows are worked on in arrays: an access to
 * native memory costs several times as much. Belongs to one thread.
 */
public final class RowNorms {
  private static final float[] NONE = {};

  private int width;
  private float[] gamma = NONE;
  private float[] beta = NONE;
  private float[] row = NONE;
  private float[] slopes = NONE;
  private boolean shifted;

  /** Sets the weights of the rows to come; RMS norm has no beta: null. */
  public void weights(Span ofGamma, Span ofBeta) {
    width = ofGamma.length();
    shifted = ofBeta != null;
    if (gamma.length < width) {
      gamma = new float[width];
      beta = new float[width];
      row = new float[width];
      slopes = new float[width];
    }
    take(ofGamma, gamma);
    if (shifted) {
      take(ofBeta, beta);
    }
  }

  /** y = gamma·(x − mean)/√(var + ε) + beta, or y = gamma·x/√(mean(x²) + ε). */
  public void normalise(double epsilon, Span x, Span y, Span stats) {
    float sum = take(x, row);
    float mean = shifted ? sum / width : 0;
    double variance = (double) squaredDistance(mean, row, width) / width;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    stats.set(0, mean);
    stats.set(1, factor);
    if (shifted) {
      scaleAndShift(mean, factor, y);
    } else {
      scale(factor, y);
    }
  }

  /** dx of {@link #normalise}, which left the stats. dx may be dy. */
  public void gradient(Span stats, Span x, Span dy, Span dx) {
    float factor = stats.at(1);
    FloatVector shifts = FloatVector.broadcast(LANES, stats.at(0));
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    FloatVector first = FloatVector.zero(LANES);
    FloatVector second = FloatVector.zero(LANES);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector g = load(dy, i).mul(FloatVector.fromArray(LANES, gamma, i));
      FloatVector hat = load(x, i).sub(shifts).mul(factors);
      g.intoArray(slopes, i);
      hat.intoArray(row, i);
      first = first.add(g);
      second = hat.fma(g, second);
    }
    float ofSlopes = first.reduceLanes(VectorOperators.ADD);
    float ofProducts = second.reduceLanes(VectorOperators.ADD);
    for (; i < width; i++) {
      slopes[i] = dy.at(i) * gamma[i];
      row[i] = (x.at(i) - stats.at(0)) * factor;
      ofSlopes += slopes[i];
      ofProducts += slopes[i] * row[i];
    }
    // layer norm also takes the mean of dy·gamma away; RMS norm does not
    project(shifted ? ofSlopes / width : 0, ofProducts / width, factor, dx);
  }

  /** dx = (slopes − mean − row·inner)·factor. */
  private void project(float mean, float inner, float factor, Span dx) {
    FloatVector means = FloatVector.broadcast(LANES, mean);
    FloatVector inners = FloatVector.broadcast(LANES, -inner);
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector g = FloatVector.fromArray(LANES, slopes, i).sub(means);
      store(FloatVector.fromArray(LANES, row, i).fma(inners, g).mul(factors), dx, i);
    }
    for (; i < width; i++) {
      dx.set(i, (slopes[i] - mean - row[i] * inner) * factor);
    }
  }

  /** Copies a row into an array; returns its sum. */
  private static float take(Span x, float[] to) {
    FloatVector total = FloatVector.zero(LANES);
    int i = 0;
    for (int end = LANES.loopBound(x.length()); i < end; i += LANES.length()) {
      FloatVector v = load(x, i);
      v.intoArray(to, i);
      total = total.add(v);
    }
    float rest = 0;
    for (; i < x.length(); i++) {
      to[i] = x.at(i);
      rest += to[i];
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  private static float squaredDistance(float mean, float[] row, int width) {
    FloatVector total = FloatVector.zero(LANES);
    FloatVector centre = FloatVector.broadcast(LANES, mean);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector d = FloatVector.fromArray(LANES, row, i).sub(centre);
      total = d.fma(d, total);
    }
    float rest = 0;
    for (; i < width; i++) {
      float d = row[i] - mean;
      rest += d * d;
    }
    return total.reduceLanes(VectorOperators.ADD) + rest;
  }

  private void scaleAndShift(float mean, float factor, Span y) {
    FloatVector shifts = FloatVector.broadcast(LANES, mean);
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector hat = FloatVector.fromArray(LANES, row, i).sub(shifts).mul(factors);
      FloatVector g = FloatVector.fromArray(LANES, gamma, i);
      store(hat.fma(g, FloatVector.fromArray(LANES, beta, i)), y, i);
    }
    for (; i < width; i++) {
      y.set(i, (row[i] - mean) * factor * gamma[i] + beta[i]);
    }
  }

  private void scale(float factor, Span y) {
    FloatVector factors = FloatVector.broadcast(LANES, factor);
    int i = 0;
    for (int end = LANES.loopBound(width); i < end; i += LANES.length()) {
      FloatVector hat = FloatVector.fromArray(LANES, row, i).mul(factors);
      store(hat.mul(FloatVector.fromArray(LANES, gamma, i)), y, i);
    }
    for (; i < width; i++) {
      y.set(i, row[i] * factor * gamma[i]);
    }
  }
}
