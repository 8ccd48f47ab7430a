package org.lorica.model;

import java.util.Arrays;
import org.lorica.data.Example;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * BERT's embedding, and its head: first token → pooler (tanh) → classifier. The classifier's values
 * come from the adapter where the layout trains them.
 */
final class ClassificationEnds implements Ends {

  /**
   * @param types token type embeddings; every token has type 0
   */
  record Weights(
      Tensor words, Tensor positions, Tensor types, Norm norm, Linear pooler, Linear classifier) {}

  private final Weights weights;
  private final TensorSlot weightSlot; // null if frozen
  private final TensorSlot biasSlot;

  ClassificationEnds(Weights weights, AdapterLayout layout) {
    this.weights = weights;
    this.weightSlot = layout.slot(BertClassifier.HEAD_WEIGHT, Role.HEAD).orElse(null);
    this.biasSlot = layout.slot(BertClassifier.HEAD_BIAS, Role.HEAD).orElse(null);
  }

  @Override
  public Tensor embed(Pass pass) {
    Kernels kernels = pass.kernels();
    int width = weights.words().cols();
    Tensor sum = pass.tokenRows(width);
    kernels.fill(0, sum);
    kernels.addEmbedding(weights.words(), pass.batch().ids(), sum);
    kernels.addEmbedding(weights.positions(), pass.batch().positions(), sum);
    kernels.addBias(weights.types().rows(0, 1), sum);
    Tensor x = pass.tokenRows(width);
    kernels.layerNorm(sum, weights.norm(), x, pass.tokenRows(2));
    return x;
  }

  @Override
  public Tensor predict(Pass pass, Tensor x, double[] losses) {
    Tensor logits = logits(pass, pooled(pass, x));
    int[] labels = pass.batch().labels();
    pass.kernels().crossEntropy(logits, labels, losses, null);
    for (int e = 0; e < losses.length; e++) {
      if (labels[e] == Example.NO_LABEL) {
        losses[e] = Double.NaN;
      }
    }
    return logits;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor pooled = pooled(pass, x);
    Tensor logits = logits(pass, pooled);
    Tensor dLogits = pass.allocate(logits.rows(), logits.cols());
    kernels.crossEntropy(logits, pass.batch().labels(), losses, dLogits);
    for (int e = 0; e < losses.length; e++) {
      Tensor d = dLogits.rows(e, 1);
      if (pass.trains(weightSlot)) {
        kernels.gemm(1, d.t(), pooled.rows(e, 1), 0, pass.gradient(e, weightSlot));
      }
      if (pass.trains(biasSlot)) {
        kernels.copy(d, pass.gradient(e, biasSlot));
      }
    }
    if (dx != null) {
      Tensor dPooled = pass.allocate(pooled.rows(), pooled.cols());
      kernels.gemm(1, dLogits, weight(pass), 0, dPooled);
      kernels.tanhGradient(pooled, dPooled, dPooled);
      kernels.fill(0, dx);
      for (int e = 0; e < losses.length; e++) {
        Tensor dFirst = dx.rows(pass.batch().start(e), 1);
        kernels.gemm(1, dPooled.rows(e, 1), weights.pooler().weight(), 0, dFirst);
      }
    }
  }

  /** Examples × width. */
  private Tensor pooled(Pass pass, Tensor x) {
    Kernels kernels = pass.kernels();
    Tensor first = pass.allocate(pass.batch().examples(), x.cols());
    for (int e = 0; e < first.rows(); e++) {
      kernels.copy(x.rows(pass.batch().start(e), 1), first.rows(e, 1));
    }
    Tensor pooled = pass.allocate(first.rows(), first.cols());
    weights.pooler().forward(kernels, first, pooled);
    kernels.tanh(pooled, pooled);
    return pooled;
  }

  private Tensor logits(Pass pass, Tensor pooled) {
    Linear frozen = weights.classifier();
    Tensor bias = biasSlot == null ? frozen.bias() : pass.value(biasSlot);
    Tensor logits = pass.allocate(pooled.rows(), frozen.out());
    new Linear(frozen.name(), weight(pass), bias).forward(pass.kernels(), pooled, logits);
    return logits;
  }

  private Tensor weight(Pass pass) {
    return weightSlot == null ? weights.classifier().weight() : pass.value(weightSlot);
  }

  /** The classifier's frozen values: weight, then bias. */
  static float[] headValues(Linear classifier) {
    float[] weight = classifier.weight().toFloats();
    float[] values = Arrays.copyOf(weight, weight.length + classifier.out());
    classifier.bias().read(values, weight.length);
    return values;
  }
}
