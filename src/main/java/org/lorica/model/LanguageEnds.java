package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * LLaMA's embedding, and its head: final norm, then the vocabulary's logits. An example's loss is
 * the mean of its next-token cross-entropies, so a single token has none.
 *
 * @param words vocabulary × width
 * @param output vocabulary × width; the same tensor as {@code words} where they are tied
 */
record LanguageEnds(Tensor words, Norm norm, Tensor output) implements Ends {

  @Override
  public Tensor embed(Pass pass) {
    Tensor x = pass.tokenRows(words.cols());
    pass.kernels().fill(0, x);
    pass.kernels().addEmbedding(words, pass.batch().ids(), x);
    return x;
  }

  @Override
  public Tensor predict(Pass pass, Tensor x, double[] losses) {
    Tensor all = logits(pass, x, pass.tokenRows(2));
    double[] tokenLosses = new double[all.rows()];
    pass.kernels().crossEntropy(all, pass.batch().nextTokens(), tokenLosses, null);
    meanLosses(pass.batch(), tokenLosses, Double.NaN, losses);
    Tensor last = pass.allocate(pass.batch().examples(), all.cols());
    for (int e = 0; e < last.rows(); e++) {
      int row = pass.batch().start(e) + pass.batch().length(e) - 1;
      pass.kernels().copy(all.rows(row, 1), last.rows(e, 1));
    }
    return last;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    RaggedBatch batch = pass.batch();
    Tensor stats = pass.tokenRows(2);
    Tensor logits = logits(pass, x, stats);
    double[] tokenLosses = new double[logits.rows()];
    kernels.crossEntropy(logits, batch.nextTokens(), tokenLosses, logits);
    meanLosses(batch, tokenLosses, 0, losses);
    if (dx == null) {
      return;
    }
    double[] weights = new double[batch.tokens()];
    for (int e = 0; e < batch.examples(); e++) {
      for (int i = 0; i < batch.length(e); i++) {
        weights[batch.start(e) + i] = 1.0 / Math.max(1, batch.length(e) - 1);
      }
    }
    kernels.scaleRows(weights, logits);
    kernels.gemm(1, logits, output, 0, dx);
    kernels.rmsNormGradient(x, norm, stats, dx, dx);
  }

  private Tensor logits(Pass pass, Tensor x, Tensor stats) {
    Tensor normed = pass.tokenRows(x.cols());
    pass.kernels().rmsNorm(x, norm, normed, stats);
    Tensor logits = pass.tokenRows(output.rows());
    pass.kernels().gemm(1, normed, output.t(), 0, logits);
    return logits;
  }

  private static void meanLosses(
      RaggedBatch batch, double[] tokenLosses, double ofSingleToken, double[] losses) {
    for (int e = 0; e < losses.length; e++) {
      double sum = 0;
      for (int i = 0; i < batch.length(e) - 1; i++) {
        sum += tokenLosses[batch.start(e) + i];
      }
      losses[e] = batch.length(e) == 1 ? ofSingleToken : sum / (batch.length(e) - 1);
    }
  }
}
