package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Product;
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
  private final List<Tensor> dScores = new ArrayList<>(); // of the same shapes
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
    ArgumentList<Product> scores = pass.work().products();
    for (int e = 0; e < q.rows(); e++) {
      Tensor p = pass.allocate(shape.heads(), tokens.length(e));
      probabilities.add(p);
      scores.next().set(heads(queryInputs, e), own(e).t(), p);
    }
    kernels.gemmEach(scale, scores, 0);
    kernels.softmaxEach(probabilities);
    ArgumentList<Product> averages = pass.work().products();
    for (int e = 0; e < q.rows(); e++) {
      averages.next().set(probabilities.get(e), own(e), heads(means, e));
    }
    kernels.gemmEach(1, averages, 0);
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
    dScores.clear();
    ArgumentList<Product> throughMeans = pass.work().products();
    for (int e = 0; e < dContext.rows(); e++) {
      Tensor d = pass.allocate(shape.heads(), tokens.length(e));
      dScores.add(d);
      throughMeans.next().set(heads(dMeans, e), own(e).t(), d);
    }
    kernels.gemmEach(1, throughMeans, 0);
    ArgumentList<Product> throughScores = pass.work().products();
    ArgumentList<Move> throughSoftmax = pass.work().moves();
    for (int e = 0; e < dContext.rows(); e++) {
      throughSoftmax.next().set(probabilities.get(e), dScores.get(e));
      throughScores.next().set(dScores.get(e), own(e), heads(dQueryInputs, e));
    }
    kernels.softmaxGradientEach(throughSoftmax);
    kernels.gemmEach(scale, throughScores, 0);
    if (dx != null) {
      inputGradient(pass, dMeans, dx);
    }
    Tensor dQueries = pass.allocate(queries.rows(), queries.cols());
    kernels.fill(0, dQueries);
    keys.addOutputs(pass, dQueryInputs, dQueries);
    keys.differentiate(pass, queries, dQueryInputs);
    return dQueries;
  }

  /** dx of every token, through the means and through the scores. */
  private void inputGradient(Pass pass, Tensor dMeans, Tensor dx) {
    ArgumentList<Product> ofMeans = pass.work().products();
    for (int e = 0; e < dScores.size(); e++) {
      ofMeans.next().set(probabilities.get(e).t(), heads(dMeans, e), own(dx, e));
    }
    pass.kernels().gemmEach(1, ofMeans, 0);
    ArgumentList<Product> ofScores = pass.work().products();
    for (int e = 0; e < dScores.size(); e++) {
      ofScores.next().set(dScores.get(e).t(), heads(queryInputs, e), own(dx, e));
    }
    pass.kernels().gemmEach(scale, ofScores, 1);
  }

  /** An example's tokens. */
  private Tensor own(int example) {
    return own(input, example);
  }

  private Tensor own(Tensor rows, int example) {
    return rows.rows(tokens.start(example), tokens.length(example));
  }

  /** An example's row, heads × width. */
  private Tensor heads(Tensor rows, int example) {
    return rows.matrixInRow(example, 0, shape.heads(), rows.cols() / shape.heads());
  }
}
