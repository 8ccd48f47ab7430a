package org.lorica.tensor;

/** Two matrices of one shape: what is read, and what is written. */
public final class Move {
  private Tensor from;
  private Tensor to;

  /** A move that has to be {@link #set} before use. */
  public Move() {}

  public Move(Tensor from, Tensor to) {
    set(from, to);
  }

  public void set(Tensor source, Tensor target) {
    from = source;
    to = target;
  }

  public Tensor from() {
    return from;
  }

  public Tensor to() {
    return to;
  }
}
