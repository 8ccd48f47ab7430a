package org.lorica.model;

import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * The embedding of BERT and RoBERTa, and their head: first token → dense layer (tanh) → classifier.
 * Layers of the head come from the adapter where the layout trains them.
 */
final class ClassificationEnds implements Ends {

  /**
   * Frozen weights.
   *
   * @param types embeddings of the segments
   * @param dense the pooler of BERT, the first layer of RoBERTa's head
   */
  record Weights(
      Tensor words, Tensor positions, Tensor types, Norm norm, Linear dense, Linear classifier) {}

  private final Weights weights;
  private final TokenPositions order;
  private final HeadLinear dense;
  private final HeadLinear classifier;

  ClassificationEnds(Weights weights, TokenPositions order, AdapterLayout layout) {
    this.weights = weights;
    this.order = order;
    this.dense = new HeadLinear(weights.dense(), layout);
    this.classifier = new HeadLinear(weights.classifier(), layout);
  }

  @Override
  public Tensor embed(Pass pass) {
    Kernels kernels = pass.kernels();
    int width = weights.words().cols();
    Tensor sum = pass.tokenRows(width);
    kernels.fill(0, sum);
    kernels.addEmbedding(weights.words(), pass.batch().ids(), sum);
    kernels.addEmbedding(weights.positions(), order.of(pass.batch()), sum);
    if (weights.types().rows() == 1) {
      kernels.addBias(weights.types(), sum);
    } else {
      kernels.addEmbedding(weights.types(), pass.batch().segments(), sum);
    }
    Tensor x = pass.tokenRows(width);
    kernels.layerNorm(sum, weights.norm(), x, pass.tokenRows(2));
    return x;
  }

  @Override
  public Tensor predict(Pass pass, Tensor x, double[] losses) {
    Tensor logits = classifier.forward(pass, pooled(pass, x));
    ClassLosses.predict(pass, logits, losses);
    return logits;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor pooled = pooled(pass, x);
    Tensor logits = classifier.forward(pass, pooled);
    Tensor dLogits = pass.allocate(logits.rows(), logits.cols());
    kernels.crossEntropy(logits, pass.batch().labels(), losses, dLogits);
    classifier.backward(pass, dLogits);
    if (dx == null && !dense.trains(pass)) {
      return;
    }
    Tensor dPooled = pass.allocate(pooled.rows(), pooled.cols());
    classifier.inputGradient(pass, dLogits, dPooled);
    kernels.tanhGradient(pooled, dPooled, dPooled);
    dense.backward(pass, dPooled);
    if (dx != null) {
      kernels.fill(0, dx);
      for (int e = 0; e < losses.length; e++) {
        dense.inputGradient(pass, dPooled.rows(e, 1), dx.rows(pass.batch().start(e), 1));
      }
    }
  }

  /** Examples × width. */
  private Tensor pooled(Pass pass, Tensor x) {
    Tensor pooled = dense.forward(pass, ClassLosses.firstRows(pass, x));
    pass.kernels().tanh(pooled, pooled);
    return pooled;
  }
}
