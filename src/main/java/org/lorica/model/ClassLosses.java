package org.lorica.model;

import java.util.List;
import java.util.stream.IntStream;
import org.lorica.data.Example;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Move;
import org.lorica.tensor.Tensor;

/** What the heads of all classifiers share. */
final class ClassLosses {
  private ClassLosses() {}

  /** Logits of every example, and its cross-entropy, NaN where there is no label. */
  static List<Tensor> predict(Pass pass, Tensor logits, double[] losses) {
    int[] labels = pass.batch().labels();
    pass.kernels().crossEntropy(logits, labels, losses, null);
    for (int e = 0; e < losses.length; e++) {
      if (labels[e] == Example.NO_LABEL) {
        losses[e] = Double.NaN;
      }
    }
    return rows(logits);
  }

  /** One row an example. */
  static List<Tensor> rows(Tensor outputs) {
    return IntStream.range(0, outputs.rows()).mapToObj(e -> outputs.rows(e, 1)).toList();
  }

  /** The first row of every example. */
  static Tensor firstRows(Pass pass, Tensor x) {
    Tensor first = pass.allocate(pass.ranges().count(), x.cols());
    ArgumentList<Move> moves = pass.work().moves();
    for (int e = 0; e < first.rows(); e++) {
      moves.next().set(x.rows(pass.ranges().start(e), 1), first.rows(e, 1));
    }
    pass.kernels().copyEach(moves);
    return first;
  }
}
