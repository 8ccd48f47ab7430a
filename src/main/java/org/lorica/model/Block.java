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

  /** x: tokens × width; the result is new memory. */
  Tensor forward(Pass pass, Tensor x);

  /** dy is overwritten: with the gradient of the input if {@code reach} is INPUT. */
  void backward(Pass pass, Tensor dy, Reach reach);
}
