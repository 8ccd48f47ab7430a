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
    List<Kernels.Product> scores = new ArrayList<>();
    List<Kernels.Product> averages = new ArrayList<>();
    for (int e = 0; e < q.rows(); e++) {
      Tensor own = own(e);
      Tensor p = pass.allocate(shape.heads(), own.rows());
      probabilities.add(p);
      scores.add(new Kernels.Product(heads(queryInputs, e), own.t(), p));
      averages.add(new Kernels.Product(p, own, heads(means, e)));
    }
    kernels.gemmEach(scale, scores, 0);
    kernels.softmaxEach(probabilities);
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
    List<Tensor> dScores = new ArrayList<>();
    List<Kernels.Product> throughMeans = new ArrayList<>();
    for (int e = 0; e < dContext.rows(); e++) {
      Tensor d = pass.allocate(shape.heads(), tokens.length(e));
      dScores.add(d);
      throughMeans.add(new Kernels.Product(heads(dMeans, e), own(e).t(), d));
    }
    kernels.gemmEach(1, throughMeans, 0);
    List<Kernels.Product> throughScores = new ArrayList<>();
    List<Kernels.Move> throughSoftmax = new ArrayList<>();
    for (int e = 0; e < dContext.rows(); e++) {
      throughSoftmax.add(new Kernels.Move(probabilities.get(e), dScores.get(e)));
      throughScores.add(new Kernels.Product(dScores.get(e), own(e), heads(dQueryInputs, e)));
    }
    kernels.softmaxGradientEach(throughSoftmax);
    kernels.gemmEach(scale, throughScores, 0);
    if (dx != null) {
      inputGradient(kernels, dMeans, dScores, dx);
    }
    Tensor dQueries = pass.allocate(queries.rows(), queries.cols());
    kernels.fill(0, dQueries);
    keys.addOutputs(pass, dQueryInputs, dQueries);
    keys.differentiate(pass, queries, dQueryInputs);
    return dQueries;
  }

  /** dx of every token, through the means and through the scores. */
  private void inputGradient(Kernels kernels, Tensor dMeans, List<Tensor> dScores, Tensor dx) {
    List<Kernels.Product> ofMeans = new ArrayList<>();
    List<Kernels.Product> ofScores = new ArrayList<>();
    for (int e = 0; e < dScores.size(); e++) {
      Tensor d = dx.rows(tokens.start(e), tokens.length(e));
      ofMeans.add(new Kernels.Product(probabilities.get(e).t(), heads(dMeans, e), d));
      ofScores.add(new Kernels.Product(dScores.get(e).t(), heads(queryInputs, e), d));
    }
    kernels.gemmEach(1, ofMeans, 0);
    kernels.gemmEach(scale, ofScores, 1);
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
