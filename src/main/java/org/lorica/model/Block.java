package org.lorica.model;

import org.lorica.tensor.Tensor;

/**
 * One transformer layer of one worker: keeps what its backward pass needs from its forward pass.
 */
interface Block {

  /** How far the gradient has to go. */
  enum Reach {
    /** Something below is trained as well. */
    INPUT,
    /** This is the lowest layer with an active tensor. */
    OWN_FACTORS
  }

  /** Whether any of its factors is active. */
  boolean trains(Pass pass);

  /**
   * x: tokens × width; the result is new memory. Rows beyond the pass's leading ones may be left
   * unspecified, and their gradients are then not read.
   */
  Tensor forward(Pass pass, Tensor x);

  /**
   * Where the gradient of the input will stand: dy itself, or new memory for a layer whose input
   * has another shape. Called before {@link #backward} with {@code Reach.INPUT}.
   */
  default Tensor inputGradient(Pass pass, Tensor dy) {
    return dy;
  }

  /**
   * dy is overwritten: with the gradient of the input if {@code reach} is INPUT and it has its
   * shape.
   */
  void backward(Pass pass, Tensor dy, Reach reach);
}
