package org.lorica.model;

import java.util.List;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Tensor;

/**
 * The head of BERT and RoBERTa for a whole sequence: first token → dense layer (tanh) → output
 * layer. Layers of the head come from the adapter where the layout trains them.
 *
 * @param dense the pooler of BERT, the first layer of RoBERTa's head
 */
record PooledHead(HeadLinear dense, HeadLinear output, PooledLoss loss) implements Head {

  @Override
  public int leadingRows() {
    return 1;
  }

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    return loss.predict(pass, output.forward(pass, pooled(pass, x)), losses);
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor pooled = pooled(pass, x);
    Tensor outputs = output.forward(pass, pooled);
    Tensor dOutputs = pass.allocate(outputs.rows(), outputs.cols());
    loss.losses(pass, outputs, losses, dOutputs);
    output.backward(pass, dOutputs);
    if (dx == null && !dense.trains(pass)) {
      return;
    }
    Tensor dPooled = pass.allocate(pooled.rows(), pooled.cols());
    output.inputGradient(pass, dOutputs, dPooled);
    kernels.tanhGradient(pooled, dPooled, dPooled);
    dense.backward(pass, dPooled);
    if (dx != null) {
      Tensor dFirst = pass.allocate(dPooled.rows(), dx.cols());
      dense.inputGradient(pass, dPooled, dFirst);
      kernels.fill(0, dx);
      ArgumentList<Move> moves = pass.work().moves();
      for (int e = 0; e < losses.length; e++) {
        moves.next().set(dFirst.rows(e, 1), dx.rows(pass.batch().start(e), 1));
      }
      kernels.copyEach(moves);
    }
  }

  /** Examples × width. */
  private Tensor pooled(Pass pass, Tensor x) {
    Tensor pooled = dense.forward(pass, ClassLosses.firstRows(pass, x));
    pass.kernels().tanh(pooled, pooled);
    return pooled;
  }
}
