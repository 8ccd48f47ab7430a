package org.lorica.model;

import java.util.List;
import java.util.OptionalInt;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * A decoder's head for a whole sequence, as Hugging Face's LlamaForSequenceClassification computes
 * it: final norm of the last token, the only one that has seen all others, then the score layer.
 *
 * @param padding config.json's pad_token_id: the last token is the last that is none of it,
 *     although nothing is padded here; a tokenizer may close texts with the token that also pads
 */
record LastTokenHead(Norm norm, HeadLinear score, PooledLoss loss, OptionalInt padding)
    implements Head {

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    Tensor last = lastRows(pass, x);
    Tensor outputs = score.forward(pass, normed(pass, last, pass.allocate(last.rows(), 2)));
    return loss.predict(pass, outputs, losses);
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor last = lastRows(pass, x);
    Tensor stats = pass.allocate(last.rows(), 2);
    Tensor outputs = score.forward(pass, normed(pass, last, stats));
    Tensor dOutputs = pass.allocate(outputs.rows(), outputs.cols());
    loss.losses(pass, outputs, losses, dOutputs);
    score.backward(pass, dOutputs);
    if (dx == null) {
      return;
    }
    Tensor dLast = pass.allocate(last.rows(), last.cols());
    score.inputGradient(pass, dOutputs, dLast);
    kernels.normGradient(last, norm, stats, dLast, dLast);
    kernels.fill(0, dx);
    ArgumentList<Move> moves = pass.work().moves();
    for (int e = 0; e < dLast.rows(); e++) {
      moves.next().set(dLast.rows(e, 1), dx.rows(lastRow(pass, e), 1));
    }
    kernels.copyEach(moves);
  }

  private Tensor normed(Pass pass, Tensor last, Tensor stats) {
    Tensor normed = pass.allocate(last.rows(), last.cols());
    pass.kernels().normalise(last, norm, normed, stats);
    return normed;
  }

  /** Examples × width. */
  private Tensor lastRows(Pass pass, Tensor x) {
    Tensor last = pass.allocate(pass.batch().examples(), x.cols());
    ArgumentList<Move> moves = pass.work().moves();
    for (int e = 0; e < last.rows(); e++) {
      moves.next().set(x.rows(lastRow(pass, e), 1), last.rows(e, 1));
    }
    pass.kernels().copyEach(moves);
    return last;
  }

  /** The first row where all of a text is padding, as there. */
  private int lastRow(Pass pass, int example) {
    int first = pass.batch().start(example);
    int last = first + pass.batch().length(example) - 1;
    if (padding.isPresent()) {
      int row = last;
      while (row > first && pass.batch().ids()[row] == padding.getAsInt()) {
        row--;
      }
      return row;
    }
    return last;
  }
}
