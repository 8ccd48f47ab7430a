package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * Attention of one query an example, in which no token's key or value is computed: q·(W_k·x)ᵀ is
 * (q·W_k)·xᵀ, and p·(x·W_vᵀ) is (p·x)·W_vᵀ (as in arXiv 2405.04434). The bias of the keys adds the
 * same to all scores of a softmax, so it has no effect.
 */
final class SingleQueryAttention {
  private final Attention.Shape shape;
  private final double scale;
  private final AdaptedLinear valueLayer;
  private final HeadwiseLinear keys;
  private final HeadwiseLinear values;
  private final List<Tensor> probabilities = new ArrayList<>(); // an example: heads × tokens
  private RowRanges tokens;
  private Tensor input; // all tokens × width
  private Tensor queries; // examples × width, as all below
  private Tensor queryInputs; // × heads: q_h·W_k
  private Tensor means; // × heads: inputs by their probabilities

  SingleQueryAttention(Attention.Shape shape, AdaptedLinear key, AdaptedLinear value) {
    this.shape = shape;
    this.scale = 1 / Math.sqrt(shape.headWidth());
    this.valueLayer = value;
    this.keys = new HeadwiseLinear(key, shape);
    this.values = new HeadwiseLinear(value, shape);
  }

  /** Whether a layer of this pass can be computed so. */
  static boolean fits(Pass pass, Attention.Shape shape) {
    return pass.leadingRows() == 1
        && shape.heads() == shape.keyHeads()
        && shape.sight() == Attention.Sight.WHOLE_SEQUENCE
        && pass.products().isEmpty(); // norms of products need the keys' and values' gradients
  }

  /**
   * The context of every example's query.
   *
   * @param q examples × width
   * @param x what keys and values are made of, all tokens of the pass
   */
  Tensor forward(Pass pass, Tensor q, Tensor x) {
    Kernels kernels = pass.kernels();
    tokens = pass.ranges();
    input = x;
    queries = q;
    queryInputs = keys.toInputs(pass, q);
    means = pass.allocate(q.rows(), queryInputs.cols());
    probabilities.clear();
    for (int e = 0; e < q.rows(); e++) {
      Tensor own = own(e);
      Tensor p = pass.allocate(shape.heads(), own.rows());
      kernels.gemm(scale, heads(queryInputs, e), own.t(), 0, p);
      kernels.softmax(p.cols(), 0, p);
      kernels.gemm(1, p, own, 0, heads(means, e));
      probabilities.add(p);
    }
    Tensor context = pass.allocate(q.rows(), shape.queryWidth());
    if (valueLayer.bias() == null) {
      kernels.fill(0, context);
    } else {
      kernels.setRows(valueLayer.bias(), context);
    }
    values.addOutputs(pass, means, context);
    return context;
  }

  /** Gradients of the active factors of keys and values; returns the gradient of the queries. */
  Tensor backward(Pass pass, Tensor dContext) {
    return backward(pass, dContext, null);
  }

  /** As {@link #backward(Pass, Tensor)}, and all rows of dx become the gradient of the input. */
  Tensor backward(Pass pass, Tensor dContext, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor dMeans = values.toInputs(pass, dContext);
    values.differentiate(pass, dContext, means);
    Tensor dQueryInputs = pass.allocate(means.rows(), means.cols());
    for (int e = 0; e < dContext.rows(); e++) {
      Tensor own = own(e);
      Tensor p = probabilities.get(e);
      Tensor dScores = pass.allocate(p.rows(), p.cols());
      kernels.gemm(1, heads(dMeans, e), own.t(), 0, dScores);
      kernels.softmaxGradient(p, dScores);
      kernels.gemm(scale, dScores, own, 0, heads(dQueryInputs, e));
      if (dx != null) {
        Tensor d = dx.rows(tokens.start(e), tokens.length(e));
        kernels.gemm(1, p.t(), heads(dMeans, e), 0, d);
        kernels.gemm(scale, dScores.t(), heads(queryInputs, e), 1, d);
      }
    }
    Tensor dQueries = pass.allocate(queries.rows(), queries.cols());
    kernels.fill(0, dQueries);
    keys.addOutputs(pass, dQueryInputs, dQueries);
    keys.differentiate(pass, queries, dQueryInputs);
    return dQueries;
  }

  /** An example's tokens. */
  private Tensor own(int example) {
    return input.rows(tokens.start(example), tokens.length(example));
  }

  /** An example's row, heads × width. */
  private Tensor heads(Tensor rows, int example) {
    return rows.matrixInRow(example, 0, shape.heads(), rows.cols() / shape.heads());
  }
}
