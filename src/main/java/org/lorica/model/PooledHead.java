package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * BERT's head for a whole sequence: first token → pooler (tanh) → classifier.
 *
 * @param pooler width × width, frozen
 */
record PooledHead(Linear pooler, HeadLinear classifier, PooledLoss loss) implements Head {

  @Override
  public List<Tensor> predict(Pass pass, Tensor x, double[] losses) {
    Tensor outputs = classifier.forward(pass, pooled(pass, x));
    loss.losses(pass, outputs, losses, null);
    List<Tensor> rows = new ArrayList<>();
    for (int e = 0; e < losses.length; e++) {
      losses[e] = loss.applies(pass.batch().target(e)) ? losses[e] : Double.NaN;
      rows.add(outputs.rows(e, 1));
    }
    return rows;
  }

  @Override
  public void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx) {
    Kernels kernels = pass.kernels();
    Tensor pooled = pooled(pass, x);
    Tensor outputs = classifier.forward(pass, pooled);
    Tensor dOutputs = pass.allocate(outputs.rows(), outputs.cols());
    loss.losses(pass, outputs, losses, dOutputs);
    for (int e = 0; e < losses.length; e++) {
      classifier.differentiate(pass, e, dOutputs.rows(e, 1), pooled.rows(e, 1));
    }
    if (dx != null) {
      Tensor dPooled = pass.allocate(pooled.rows(), pooled.cols());
      kernels.gemm(1, dOutputs, classifier.weight(pass), 0, dPooled);
      kernels.tanhGradient(pooled, dPooled, dPooled);
      kernels.fill(0, dx);
      for (int e = 0; e < losses.length; e++) {
        Tensor dFirst = dx.rows(pass.batch().start(e), 1);
        kernels.gemm(1, dPooled.rows(e, 1), pooler.weight(), 0, dFirst);
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
    pooler.forward(kernels, first, pooled);
    kernels.tanh(pooled, pooled);
    return pooled;
  }
}
