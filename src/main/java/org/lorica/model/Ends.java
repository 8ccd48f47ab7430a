package org.lorica.model;

import org.lorica.tensor.Tensor;

/** What stands below the first and above the last layer: embedding and task head. */
interface Ends {

  /** Token rows for the first layer. */
  Tensor embed(Pass pass);

  /**
   * Logits as {@link Predictions#logits} describes them, one row an example.
   *
   * @param x the last layer's token rows
   * @param losses receives each example's loss, NaN where there is none
   */
  Tensor predict(Pass pass, Tensor x, double[] losses);

  /**
   * Losses, and the per-example gradients of active head tensors.
   *
   * @param losses receives each example's loss, 0 where it has nothing to predict
   * @param dx receives the gradient of each example's loss with respect to its rows of x; null if
   *     no layer is trained
   */
  void differentiate(Pass pass, Tensor x, double[] losses, Tensor dx);
}
