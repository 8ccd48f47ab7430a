package org.lorica.lora;

import java.io.Serializable;
import org.lorica.tensor.LinearAlgebra;
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

  /** ‖B·A‖_F without forming the product: with B = QR and Aᵀ = PS it is ‖R·Sᵀ‖_F. */
  public double norm() {
    Matrix r = LinearAlgebra.qr(b).r();
    return r.times(LinearAlgebra.qr(a.transpose()).r().transpose()).norm();
  }

  /** Factors of the sum of two products, [B₁ B₂]·[A₁; A₂]. */
  public LoraFactors plus(LoraFactors other) {
    Matrix rows = a.transpose().besides(other.a.transpose()).transpose();
    return new LoraFactors(b.besides(other.b), rows);
  }

  /** The product times a number, which B takes. */
  public LoraFactors scaled(double factor) {
    return new LoraFactors(b.scaled(factor), a);
  }

  /** B·A, out × in. */
  public Matrix product() {
    return b.times(a);
  }
}
