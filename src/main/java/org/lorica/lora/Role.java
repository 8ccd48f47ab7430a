package org.lorica.lora;

/** What a trainable tensor is: a LoRA factor, or part of a trained head. */
public enum Role {
  /** Up projection, out × rank, zero at start. */
  B,
  /** Down projection, rank × in. */
  A,
  /** A trained head's weight or bias. */
  HEAD
}
