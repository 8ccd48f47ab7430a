package org.lorica.model;

import java.util.List;
import java.util.Optional;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * Swin's embedding (patches, normalised, plus positions if it has them), and its head: norm, mean
 * over tokens, classifier.
 */
final class SwinEnds implements Ends {

  /**
   * Frozen weights.
   *
   * @param positions one row a patch
   * @param finalTokens tokens of an image after the last stage
   */
  record Weights(
      PatchEmbedding.Weights patches,
      Norm patchNorm,
      Optional<Tensor> positions,
      Norm norm,
      Linear classifier,
      int finalTokens) {}

  private final Weights weights;
  private final PatchEmbedding patches;
  private final HeadLinear classifier;
  private Tensor stats;

  SwinEnds(Weights weights, AdapterLayout layout) {
    this.weights = weights;
    this.patches = new PatchEmbedding(weights.patches());
    this.classifier = new HeadLinear(weights.classifier(), layout);
  }

  @Override
  public Tensor embed(Pass pass) {
    Tensor rows = pass.tokenRows(weights.patches().projection().out());
    for (int e = 0; e < pass.batch().examples(); e++) {
      Tensor own = rows.rows(pass.batch().start(e), pass.batch().length(e));
      patches.embed(pass, pass.batch().image(e), own);
    }
    Tensor x = pass.tokenRows(rows.cols());
    pass.kernels().normalise(rows, weights.patchNorm(), x, pass.tokenRows(2));
    if (weights.positions().isPresent()) {
      ArgumentList<Move> positions = pass.work().moves();
      for (int e = 0; e < pass.batch().examples(); e++) {
        Tensor own = x.rows(pass.batch().start(e), pass.batch().length(e));
        positions.next().set(weights.positions().get(), own);
      }
      pass.kernels().addEach(positions);
    }
    return x;
  }

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    Tensor logits = classifier.forward(pass, pooled(pass, x));
    return ClassLosses.predict(pass, logits, losses);
  }

  /** Examples × width. */
  private Tensor pooled(Pass pass, Tensor x) {
    Kernels kernels = pass.kernels();
    stats = pass.allocate(x.rows(), 2);
    Tensor normed = pass.allocate(x.rows(), x.cols());
    kernels.normalise(x, weights.norm(), normed, stats);
    int tokens = weights.finalTokens();
    Tensor ones = ones(pass);
    Tensor pooled = pass.allocate(pass.batch().examples(), x.cols());
    for (int e = 0; e < pooled.rows(); e++) {
      kernels.gemm(1.0 / tokens, ones, normed.rows(e * tokens, tokens), 0, pooled.rows(e, 1));
    }
    return pooled;
  }

  private Tensor ones(Pass pass) {
    Tensor ones = pass.allocate(1, weights.finalTokens());
    pass.kernels().fill(1, ones);
    return ones;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor logits = classifier.forward(pass, pooled(pass, x));
    Tensor dLogits = pass.allocate(logits.rows(), logits.cols());
    kernels.crossEntropy(logits, pass.batch().labels(), losses, dLogits);
    classifier.backward(pass, dLogits);
    if (dx == null) {
      return;
    }
    Tensor dPooled = pass.allocate(logits.rows(), x.cols());
    classifier.inputGradient(pass, dLogits, dPooled);
    int tokens = weights.finalTokens();
    Tensor ones = ones(pass);
    for (int e = 0; e < dPooled.rows(); e++) {
      Tensor own = dx.rows(e * tokens, tokens);
      kernels.gemm(1.0 / tokens, ones.t(), dPooled.rows(e, 1), 0, own);
    }
    kernels.normGradient(x, weights.norm(), stats, dx, dx);
  }
}
