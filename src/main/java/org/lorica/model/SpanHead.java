package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.data.Target;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * Extractive question answering (arXiv 1810.04805, section 4.2): every token scores as the first
 * and as the last one of the answer. An example's loss is the mean of both cross-entropies over its
 * tokens, as Hugging Face's BertForQuestionAnswering computes it; without padding, so padded tokens
 * have no share in the softmax.
 *
 * @param outputs 2 × width: first, last
 */
record SpanHead(HeadLinear outputs) implements Head {

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    List<Tensor> rows = new ArrayList<>();
    for (int e = 0; e < losses.length; e++) {
      Tensor scores = scores(pass, e, rowsOf(pass, e, x));
      rows.add(scores);
      losses[e] =
          pass.batch().target(e) instanceof Target.AnswerSpan span
              ? loss(pass, scores, span, null)
              : Double.NaN;
    }
    return rows;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    for (int e = 0; e < losses.length; e++) {
      if (!(pass.batch().target(e) instanceof Target.AnswerSpan span)) {
        throw new IllegalStateException("an example without an answer span got this far");
      }
      Tensor rows = rowsOf(pass, e, x);
      Tensor scores = scores(pass, e, rows);
      Tensor dScores = pass.allocate(2, rows.rows());
      losses[e] = loss(pass, scores, span, dScores);
      kernels.scaleRows(new double[] {0.5, 0.5}, dScores);
      Tensor dTokens = transposed(pass, dScores);
      outputs.backward(pass, e, dTokens, rows);
      if (dx != null) {
        outputs.inputGradient(pass, e, dTokens, rowsOf(pass, e, dx));
      }
    }
  }

  private static Tensor rowsOf(Pass pass, int example, Tensor x) {
    return x.rows(pass.batch().start(example), pass.batch().length(example));
  }

  /** 2 × length. */
  private Tensor scores(Pass pass, int example, Tensor rows) {
    return transposed(pass, outputs.forward(pass, example, rows));
  }

  private static Tensor transposed(Pass pass, Tensor from) {
    Tensor to = pass.allocate(from.cols(), from.rows());
    pass.kernels().transpose(from, to);
    return to;
  }

  private static double loss(Pass pass, Tensor scores, Target.AnswerSpan span, Tensor dScores) {
    double[] both = new double[2];
    pass.kernels().crossEntropy(scores, new int[] {span.first(), span.last()}, both, dScores);
    return (both[0] + both[1]) / 2;
  }
}
