package org.lorica.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * A language model's head: final norm, then the vocabulary's logits. An example's loss is the mean
 * of its next-token cross-entropies, of the response only where the target says so; a single token
 * has none.
 *
 * @param output vocabulary × width; the embedding itself where they are tied
 */
record LanguageHead(Norm norm, Tensor output) implements Head {

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    Tensor all = logits(pass, x, pass.tokenRows(2));
    double[] tokenLosses = pass.batch().numbers();
    int[] targets = pass.batch().nextTokens();
    pass.kernels().crossEntropy(all, targets, tokenLosses, null);
    meanLosses(pass.batch(), targets, tokenLosses, losses);
    List<Tensor> last = new ArrayList<>();
    for (int e = 0; e < losses.length; e++) {
      losses[e] = predicted(pass.batch(), targets, e) == 0 ? Double.NaN : losses[e];
      last.add(all.rows(pass.batch().start(e) + pass.batch().length(e) - 1, 1));
    }
    return last;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    RaggedBatch batch = pass.batch();
    Tensor stats = pass.tokenRows(2);
    Tensor logits = logits(pass, x, stats);
    double[] tokenLosses = batch.numbers();
    int[] targets = batch.nextTokens();
    kernels.crossEntropy(logits, targets, tokenLosses, logits);
    meanLosses(batch, targets, tokenLosses, losses);
    if (dx == null) {
      return;
    }
    double[] weights = batch.numbers(); // of which the losses are no longer needed
    for (int e = 0; e < batch.examples(); e++) {
      double weight = 1.0 / Math.max(1, predicted(batch, targets, e));
      Arrays.fill(weights, batch.start(e), batch.start(e) + batch.length(e), weight);
    }
    kernels.scaleRows(weights, logits);
    kernels.gemm(1, logits, output, 0, dx);
    kernels.normGradient(x, norm, stats, dx, dx);
  }

  private Tensor logits(Pass pass, Tensor x, Tensor stats) {
    Tensor normed = pass.tokenRows(x.cols());
    pass.kernels().normalise(x, norm, normed, stats);
    Tensor logits = pass.tokenRows(output.rows());
    pass.kernels().gemm(1, normed, output.t(), 0, logits);
    return logits;
  }

  /** 0 where nothing is predicted; rows without a target have loss 0. */
  private static void meanLosses(
      RaggedBatch batch, int[] targets, double[] tokenLosses, double[] losses) {
    for (int e = 0; e < losses.length; e++) {
      double sum = 0;
      for (int i = 0; i < batch.length(e); i++) {
        sum += tokenLosses[batch.start(e) + i];
      }
      losses[e] = sum / Math.max(1, predicted(batch, targets, e));
    }
  }

  /** Number of tokens that an example's loss is the mean of. */
  private static int predicted(RaggedBatch batch, int[] targets, int example) {
    int count = 0;
    for (int i = 0; i < batch.length(example); i++) {
      count += targets[batch.start(example) + i] >= 0 ? 1 : 0;
    }
    return count;
  }
}
