package org.lorica.lora;

import java.io.Serializable;
import org.lorica.tensor.Matrix;

/**
 * The two factors of one module's update ΔW = B·A (the scaling s acts in the forward pass only).
 *
 * @param b out × rank
 * @param a rank × in
 */
public record LoraFactors(Matrix b, Matrix a) implements Serializable {
  public LoraFactors {
    if (b.cols() != a.rows()) {
      throw new IllegalArgumentException(
          "B's columns must equal A's rows, got " + b.cols() + " and " + a.rows());
    }
  }

  public int rank() {
    return a.rows();
  }

  /** B·A, out × in. */
  public Matrix product() {
    return b.times(a);
  }
}
