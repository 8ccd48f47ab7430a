package org.lorica.tensor;

import java.util.List;

/**
 * The operations a backbone is written with. All matrices are row-major {@link Tensor}s and may be
 * views with a stride, unless said otherwise; only {@link #gemm} takes transposed ones. The
 * arguments named last are written; an output may be the very same view as an input of the same
 * shape where the operation is elementwise.
 */
public interface Kernels {

  /** Short name for reports: {@code nd4j}, {@code cpu}, {@code cuda}. */
  String name();

  /** Element type this kernel set computes in. */
  Precision precision();

  /** An empty arena of the memory that these kernels work on. */
  default Arena arena() {
    return new Arena(precision());
  }

  /** As {@link #arena}, for what is computed anew in every step. */
  default Arena stepArena() {
    return arena().reusingTensors();
  }

  /** Waits until everything that this thread asked for is done. */
  default void finish() {}

  /** Most bytes of a device's memory that were reserved at a time; 0 on the host. */
  default long peakDeviceBytes() {
    return 0;
  }

  /**
   * c = alpha·a·b + beta·c, with a (m×k) and b (k×n) possibly transposed views and c (m×n) plain.
   * beta = 0 ignores c.
   */
  void gemm(double alpha, Tensor a, Tensor b, double beta, Tensor c);

  /** x += bias, bias (1 × cols) on every row. */
  void addBias(Tensor bias, Tensor x);

  /** y = x + bias, bias (1 × cols) on every row. */
  default void addBias(Tensor bias, Tensor x, Tensor y) {
    copy(x, y);
    addBias(bias, y);
  }

  /** Every row of x = bias (1 × cols): what a product is then added to. */
  default void setRows(Tensor bias, Tensor x) {
    fill(0, x);
    addBias(bias, x);
  }

  /** y += alpha·x. */
  void axpy(double alpha, Tensor x, Tensor y);

  /** to = from. */
  void copy(Tensor from, Tensor to);

  /** All elements = value. */
  void fill(double value, Tensor x);

  /** y = x·Φ(x), the exact (erf) GELU (arXiv 1606.08415). */
  void gelu(Tensor x, Tensor y);

  /** y = GELU(x), and x becomes GELU'(x): what the gradient needs, at the price of the value. */
  void geluAndSlope(Tensor x, Tensor y);

  /** y = x ⊙ y. */
  void multiply(Tensor x, Tensor y);

  /** dx = dy · GELU'(x). */
  void geluGradient(Tensor x, Tensor dy, Tensor dx);

  /** y = tanh(x). */
  void tanh(Tensor x, Tensor y);

  /** dx = dy·(1 − y²), y being the forward's output. */
  void tanhGradient(Tensor y, Tensor dy, Tensor dx);

  /** y = silu(gate)·up, silu(z) = z/(1+e^−z) (arXiv 2002.05202). y may be none of the inputs. */
  void swiglu(Tensor gate, Tensor up, Tensor y);

  /**
   * Gradients of {@link #swiglu} with respect to gate and up. dGate and dUp may not alias the
   * inputs.
   */
  void swigluGradient(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp);

  /**
   * y = {@link #swiglu}, with the slopes of y with respect to gate and up: what the gradient then
   * multiplies. None of the last three may be an input.
   */
  default void swigluAndSlopes(Tensor gate, Tensor up, Tensor y, Tensor ofGate, Tensor ofUp) {
    fill(1, y);
    swigluGradient(gate, up, y, ofGate, ofUp);
    swiglu(gate, up, y);
  }

  /**
   * In place, row-wise: row i becomes the softmax of its first min(cols, visible + i·step)
   * elements, the rest 0. step = 0 and visible = length is attention over a whole sequence; visible
   * = 1, step = 1 is causal attention.
   */
  void softmax(int visible, int step, Tensor x);

  /** In place on dp: ds = p ⊙ (dp − rowsum(p ⊙ dp)). Elements with p = 0 become 0. */
  void softmaxGradient(Tensor p, Tensor dp);

  /**
   * context = softmax(scale·q·kᵀ)·v.
   *
   * @param p n × m, receives what {@link #attendGradient} needs: the probabilities, or less
   */
  default void attend(AttentionHead.Scores scores, AttentionHead in, Tensor p, Tensor context) {
    gemm(scores.scale(), in.queries(), in.keys().t(), 0, p);
    softmax(scores.visible(), scores.step(), p);
    gemm(1, p, in.values(), 0, context);
  }

  /**
   * Gradients of {@link #attend}: d.queries is written; d.keys and d.values become keep times
   * themselves plus theirs.
   *
   * @param ds n × m, receives the gradient of the scores
   * @param keep 0 or 1
   */
  default void attendGradient(
      AttentionHead.Scores scores,
      AttendingGradient.Attended attended,
      Tensor ds,
      AttentionHead d,
      int keep) {
    AttentionHead in = attended.in();
    Tensor p = attended.p();
    gemm(1, attended.dContext(), in.values().t(), 0, ds);
    gemm(1, p.t(), attended.dContext(), keep, d.values());
    softmaxGradient(p, ds);
    gemm(scores.scale(), ds, in.keys(), 0, d.queries());
    gemm(scores.scale(), ds.t(), in.queries(), keep, d.keys());
  }

  /** {@link #attend} of many heads, whose results lie apart: one piece of work to a device. */
  default void attendEach(List<Attending> heads) {
    for (int i = 0; i < heads.size(); i++) { // an iterator would be garbage, here and below
      Attending head = heads.get(i);
      attend(head.scores(), head.in(), head.p(), head.context());
    }
  }

  /**
   * {@link #attendGradient} of many heads. Several of them may share keys and values, whose
   * gradients then are sums over the heads' turns: 0 writes them, 1 and so on add to them.
   *
   * @param arena for gradients of scores
   */
  default void attendGradientEach(List<AttendingGradient> heads, Arena arena) {
    Arena.Mark mark = arena.mark();
    for (int i = 0; i < heads.size(); i++) {
      AttendingGradient head = heads.get(i);
      Tensor p = head.attended().p();
      Tensor ds = arena.allocate(p.rows(), p.cols());
      attendGradient(head.scores(), head.attended(), ds, head.d(), head.turn() == 0 ? 0 : 1);
      arena.release(mark);
    }
  }

  /**
   * Layer norm per row, y = gamma·(x − mean)/√(var + ε) + beta (arXiv 1607.06450); stats (rows × 2,
   * contiguous) receives mean and 1/√(var + ε). Without beta RMS norm, y = gamma·x/√(mean(x²) + ε)
   * (arXiv 1910.07467); stats receives 0 and 1/√(mean(x²) + ε).
   */
  void normalise(Tensor x, Norm norm, Tensor y, Tensor stats);

  /** Gradient of {@link #normalise} with respect to x. dx may be dy. */
  void normGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx);

  /** y[i] += table[ids[i]] for i in [0, y.rows). */
  void addEmbedding(Tensor table, int[] ids, Tensor y);

  /**
   * In place: every head of row i of x is turned by position {@code positions[i]}; x.cols is a
   * multiple of the head width.
   */
  void rotary(Rotary rotary, int[] positions, Tensor x);

  /**
   * Per row: losses[i] = −ln softmax(logits[i])[targets[i]] in nats and, where dLogits is not null,
   * dLogits[i] = softmax(logits[i]) − onehot. A target below 0 gives loss 0 and a zero gradient
   * row.
   */
  void crossEntropy(Tensor logits, int[] targets, double[] losses, Tensor dLogits);

  /** Sum of the squares of all elements, accumulated in double. */
  double squaredNorm(Tensor x);

  /** row i of x *= factors[i]. */
  void scaleRows(double[] factors, Tensor x);

  /** to = fromᵀ, by copying. */
  default void transpose(Tensor from, Tensor to) {
    for (int i = 0; i < from.rows(); i++) {
      for (int j = 0; j < from.cols(); j++) {
        to.set(j, i, from.at(i, j));
      }
    }
  }

  /** {@link #squaredNorm} of every row. */
  default double[] squaredNorms(Tensor x) {
    double[] squares = new double[x.rows()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = squaredNorm(x.rows(i, 1));
    }
    return squares;
  }

  /**
   * sum += Σᵢ factors[i]·row i of x, in double. A row whose factor is 0 counts as nothing, even if
   * it is not finite. The rows are contiguous.
   */
  default void addWeightedRows(double[] factors, Tensor x, double[] sum) {
    float[] row = new float[sum.length];
    for (int i = 0; i < factors.length; i++) {
      double factor = factors[i];
      if (factor != 0) {
        x.rows(i, 1).read(row, 0);
        for (int j = 0; j < row.length; j++) {
          sum[j] += factor * row[j];
        }
      }
    }
  }

  /** Inner product of two matrices of one shape, in double. */
  default Inner inner(Tensor a, Tensor b) {
    double sum = 0;
    double magnitudes = 0;
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < a.cols(); j++) {
        double term = a.at(i, j) * b.at(i, j);
        sum += term;
        magnitudes += Math.abs(term);
      }
    }
    return new Inner(sum, magnitudes);
  }

  /** Sum of the terms of an inner product, and of their magnitudes. */
  record Inner(double sum, double magnitudes) {}

  /**
   * c = alpha·a·b + beta·c of every product, where no c is another's argument or result. Many small
   * products of one shape are one piece of work to a device.
   */
  default void gemmEach(double alpha, List<Product> products, double beta) {
    for (int i = 0; i < products.size(); i++) {
      Product product = products.get(i);
      gemm(alpha, product.a(), product.b(), beta, product.c());
    }
  }

  /** to = from of every move, none of whose results overlap: one piece of work to a device. */
  default void copyEach(List<Move> moves) {
    for (int i = 0; i < moves.size(); i++) {
      copy(moves.get(i).from(), moves.get(i).to());
    }
  }

  /** to += from of every move. */
  default void addEach(List<Move> moves) {
    for (int i = 0; i < moves.size(); i++) {
      axpy(1, moves.get(i).from(), moves.get(i).to());
    }
  }

  /** Every row of each matrix becomes its softmax. */
  default void softmaxEach(List<Tensor> all) {
    for (int i = 0; i < all.size(); i++) {
      softmax(all.get(i).cols(), 0, all.get(i));
    }
  }

  /** {@link #softmaxGradient} of each, from being the probabilities and to their gradients. */
  default void softmaxGradientEach(List<Move> all) {
    for (int i = 0; i < all.size(); i++) {
      softmaxGradient(all.get(i).from(), all.get(i).to());
    }
  }
}
