package org.lorica.model;

import java.util.List;
import org.lorica.tensor.Tensor;

/** What stands above the last layer: outputs, loss, and the gradients of both. */
interface Head {

  /** Rows of every example, from the first on, that are read; {@link Pass#ALL_ROWS}. */
  default int leadingRows() {
    return Pass.ALL_ROWS;
  }

  /**
   * Outputs as {@link Predictions#logits} describes them, a contiguous tensor an example.
   *
   * @param x the last layer's token rows
   * @param losses receives each example's loss, NaN where there is none
   */
  List<Tensor> predict(Pass pass, Tensor x, double[] losses);

  /**
   * Losses, and the per-example gradients of active head tensors.
   *
   * @param losses receives each example's loss, 0 where it has nothing to predict
   * @param dx receives the gradient of each example's loss with respect to its rows of x; null if
   *     no layer is trained
   */
  void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx);
}
