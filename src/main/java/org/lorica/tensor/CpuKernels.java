package org.lorica.tensor;

import java.util.Objects;
import org.lorica.tensor.vector.RowGelu;
import org.lorica.tensor.vector.RowNorms;
import org.lorica.tensor.vector.RowSoftmax;
import org.lorica.tensor.vector.Span;
import org.lorica.tensor.vector.VectorFunctions;
import org.lorica.tensor.vector.VectorLoops;
import org.lorica.tensor.vector.VectorSums;

/**
 * The fast CPU path, one thread: OpenBLAS on off-heap pointers for products, fused Vector-API loops
 * for the rest. Needs the JVM option {@code --add-modules=jdk.incubator.vector}, which Spark's
 * launchers pass.
 */
public final class CpuKernels implements Kernels {
  private static final ThreadLocal<RowNorms> NORMS = ThreadLocal.withInitial(RowNorms::new);
  private static final ThreadLocal<RowSoftmax> SOFTMAX = ThreadLocal.withInitial(RowSoftmax::new);
  private static final ThreadLocal<RowGelu> GELU = ThreadLocal.withInitial(RowGelu::new);

  public CpuKernels() {
    Blas.ready();
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public void gemm(double alpha, Tensor a, Tensor b, double beta, Tensor c) {
    if (a.cols() != b.rows() || c.rows() != a.rows() || c.cols() != b.cols() || c.transposed()) {
      throw new IllegalArgumentException("shapes do not fit: " + a + " times " + b + " into " + c);
    }
    if (c.size() == 0) {
      return;
    }
    if (a.cols() == 0) {
      scale((float) beta, c);
      return;
    }
    BlasProduct.ofThread().multiply((float) alpha, a, b, (float) beta, c);
  }

  /** This thread's i-th window, on the first row. */
  private static Span span(int i, Tensor t) {
    return Spans.ofThread().row(i, t);
  }

  private static void scale(float alpha, Tensor x) {
    Span row = span(0, x);
    for (int i = 0; i < x.rows(); i++) {
      if (alpha == 0) {
        VectorLoops.fill(0, row);
      } else {
        VectorLoops.scale(alpha, row, row);
      }
      row.advance(x.stride());
    }
  }

  @Override
  public void addBias(Tensor bias, Tensor x) {
    Span from = span(0, bias);
    Span row = span(1, x);
    for (int i = 0; i < x.rows(); i++) {
      VectorLoops.axpy(1, from, row);
      row.advance(x.stride());
    }
  }

  @Override
  public void addBias(Tensor bias, Tensor x, Tensor y) {
    Span addend = span(0, bias);
    Span from = span(1, x);
    Span to = span(2, y);
    for (int i = 0; i < x.rows(); i++) {
      VectorLoops.add(from, addend, to);
      from.advance(x.stride());
      to.advance(y.stride());
    }
  }

  @Override
  public void setRows(Tensor bias, Tensor x) {
    Span from = span(0, bias);
    Span row = span(1, x);
    for (int i = 0; i < x.rows(); i++) {
      VectorLoops.copy(from, row);
      row.advance(x.stride());
    }
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    MatchingRows.walk(x, y, y, (a, b, c) -> VectorLoops.axpy((float) alpha, a, b));
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    MatchingRows.walk(from, to, to, (a, b, c) -> VectorLoops.copy(a, b));
  }

  @Override
  public void fill(double value, Tensor x) {
    MatchingRows.walk(x, x, x, (a, b, c) -> VectorLoops.fill((float) value, a));
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    MatchingRows.walk(x, y, y, (a, b, c) -> VectorFunctions.gelu(a, b));
  }

  @Override
  public void geluAndSlope(Tensor x, Tensor y) {
    RowGelu gelu = GELU.get();
    MatchingRows.walk(x, y, y, (a, b, c) -> gelu.valueAndSlope(a, b));
  }

  @Override
  public void multiply(Tensor x, Tensor y) {
    MatchingRows.walk(x, y, y, (a, b, c) -> VectorLoops.multiply(a, b));
  }

  @Override
  public void geluGradient(Tensor x, Tensor dy, Tensor dx) {
    MatchingRows.walk(x, dy, dx, VectorFunctions::geluGradient);
  }

  @Override
  public void tanh(Tensor x, Tensor y) {
    MatchingRows.walk(x, y, y, (a, b, c) -> VectorFunctions.tanh(a, b));
  }

  @Override
  public void tanhGradient(Tensor y, Tensor dy, Tensor dx) {
    MatchingRows.walk(y, dy, dx, VectorFunctions::tanhGradient);
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y) {
    sigmoid(gate, y);
    MatchingRows.walk(gate, up, y, VectorFunctions::swiglu);
  }

  private static void sigmoid(Tensor x, Tensor y) {
    MatchingRows.walk(x, y, y, (a, b, c) -> VectorFunctions.sigmoid(a, b));
  }

  @Override
  public void swigluGradient(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp) {
    sigmoid(gate, dGate);
    MatchingRows.walk(new Tensor[] {gate, up, dy, dGate, dUp}, VectorFunctions::swigluGradient);
  }

  @Override
  public void swigluAndSlopes(Tensor gate, Tensor up, Tensor y, Tensor ofGate, Tensor ofUp) {
    sigmoid(gate, ofUp);
    MatchingRows.walk(new Tensor[] {gate, up, y, ofGate, ofUp}, VectorFunctions::swigluAndSlopes);
  }

  @Override
  public void softmax(int visible, int step, Tensor x) {
    RowSoftmax softmax = SOFTMAX.get();
    Span row = Spans.ofThread().at(0);
    for (int i = 0; i < x.rows(); i++) {
      int seen = (int) Math.min(x.cols(), visible + (long) i * step);
      int at = x.byteOffset() + i * x.stride() * Float.BYTES;
      if (seen > 0) {
        row.set(x.bytes(), at, seen);
        softmax.softmax(row, row);
      }
      if (seen < x.cols()) {
        row.set(x.bytes(), at + seen * Float.BYTES, x.cols() - seen);
        VectorLoops.fill(0, row);
      }
    }
  }

  @Override
  public void softmaxGradient(Tensor p, Tensor dp) {
    RowSoftmax softmax = SOFTMAX.get();
    Span probabilities = span(0, p);
    Span gradient = span(1, dp);
    for (int i = 0; i < p.rows(); i++) {
      softmax.gradient(probabilities, gradient);
      probabilities.advance(p.stride());
      gradient.advance(dp.stride());
    }
  }

  @Override
  public void attend(AttentionHead.Scores scores, AttentionHead in, Tensor p, Tensor context) {
    if (NarrowHead.fits(scores, in, p)) {
      NarrowHead.ofThread().attend(scores, in, p, context);
    } else {
      Kernels.super.attend(scores, in, p, context);
    }
  }

  @Override
  public void attendGradient(
      AttentionHead.Scores scores,
      AttendingGradient.Attended attended,
      Tensor ds,
      AttentionHead d,
      int keep) {
    if (NarrowHead.fits(scores, attended.in(), attended.p())) {
      NarrowHead.ofThread().attendGradient(scores, attended, d, keep);
    } else {
      Kernels.super.attendGradient(scores, attended, ds, d, keep);
    }
  }

  private static RowNorms norms(Norm norm) {
    RowNorms norms = NORMS.get();
    norms.weights(span(0, norm.gamma()), norm.centred() ? span(1, norm.beta()) : null);
    return norms;
  }

  @Override
  public void normalise(Tensor x, Norm norm, Tensor y, Tensor stats) {
    RowNorms norms = norms(norm);
    Span from = span(0, x);
    Span to = span(1, y);
    Span left = span(2, stats);
    for (int i = 0; i < x.rows(); i++) {
      norms.normalise(norm.epsilon(), from, to, left);
      from.advance(x.stride());
      to.advance(y.stride());
      left.advance(stats.stride());
    }
  }

  @Override
  public void normGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    RowNorms norms = norms(norm);
    Span from = span(0, x);
    Span left = span(1, stats);
    Span gradient = span(2, dy);
    Span to = span(3, dx);
    for (int i = 0; i < x.rows(); i++) {
      norms.gradient(left, from, gradient, to);
      from.advance(x.stride());
      left.advance(stats.stride());
      gradient.advance(dy.stride());
      to.advance(dx.stride());
    }
  }

  @Override
  public void addEmbedding(Tensor table, int[] ids, Tensor y) {
    Span from = Spans.ofThread().at(0);
    Span to = Spans.ofThread().row(1, y);
    for (int i = 0; i < y.rows(); i++) {
      int row = Objects.checkIndex(ids[i], table.rows());
      from.set(
          table.bytes(), table.byteOffset() + row * table.stride() * Float.BYTES, table.cols());
      VectorLoops.axpy(1, from, to);
      to.advance(y.stride());
    }
  }

  @Override
  public void rotary(Rotary rotary, int[] positions, Tensor x) {
    RotaryTable table = RotaryTable.upTo(rotary, positions);
    Span row = span(0, x);
    for (int i = 0; i < x.rows(); i++) {
      table.turn(positions[i], row);
      row.advance(x.stride());
    }
  }

  @Override
  public void crossEntropy(Tensor logits, int[] targets, double[] losses, Tensor dLogits) {
    RowSoftmax softmax = SOFTMAX.get();
    Span row = span(0, logits);
    Span gradient = dLogits == null ? null : span(1, dLogits);
    for (int i = 0; i < logits.rows(); i++) {
      if (targets[i] < 0) {
        losses[i] = 0;
        if (gradient != null) {
          VectorLoops.fill(0, gradient);
        }
      } else {
        double target = logits.at(i, targets[i]);
        double logSum = gradient == null ? softmax.logSum(row) : softmax.softmax(row, gradient);
        losses[i] = logSum - target;
        if (gradient != null) {
          dLogits.set(i, targets[i], dLogits.at(i, targets[i]) - 1);
        }
      }
      row.advance(logits.stride());
      if (gradient != null) {
        gradient.advance(dLogits.stride());
      }
    }
  }

  @Override
  public double squaredNorm(Tensor x) {
    double sum = 0;
    Span row = span(0, x);
    for (int i = 0; i < x.rows(); i++) {
      sum += VectorLoops.squaredNorm(row);
      row.advance(x.stride());
    }
    return sum;
  }

  @Override
  public void scaleRows(double[] factors, Tensor x) {
    Span row = span(0, x);
    for (int i = 0; i < x.rows(); i++) {
      VectorLoops.scale((float) factors[i], row, row);
      row.advance(x.stride());
    }
  }

  @Override
  public void addWeightedRows(double[] factors, Tensor x, double[] sum) {
    Span row = Spans.ofThread().row(0, x);
    for (double factor : factors) {
      if (factor != 0) {
        VectorSums.addScaled(factor, row, sum);
      }
      row.advance(x.stride());
    }
  }
}
