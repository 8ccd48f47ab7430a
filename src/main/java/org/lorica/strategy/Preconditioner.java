package org.lorica.strategy;

import org.lorica.federation.GradientTransform;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * The step that changes the product s·BA as full fine-tuning's gradient would, as far as one factor
 * can (LA-LoRA, arXiv 2602.19926, Theorem 2): B's gradient times (AAᵀ + λI)⁻¹/s², (BᵀB + λI)⁻¹/s²
 * times A's. It scales the noise as well.
 *
 * @param damping λ > 0, bounds the growth by 1/(λs²)
 */
record Preconditioner(double damping) implements GradientTransform {
  Preconditioner {
    if (!(damping > 0)) {
      throw new IllegalArgumentException("strategy.damping must be > 0, got " + damping);
    }
  }

  @Override
  public Matrix apply(Role role, Matrix gradient, LoraFactors present, double scaling) {
    return role == Role.B
        ? gradient.times(inverse(present.a().transpose(), scaling))
        : inverse(present.b(), scaling).times(gradient);
  }

  /** (FᵀF + λI)⁻¹/s², rank × rank, by F = USVᵀ: V·diag(1/(S² + λ))·Vᵀ/s². */
  private Matrix inverse(Matrix tall, double scaling) {
    LinearAlgebra.Svd svd = LinearAlgebra.svd(tall);
    double[] factors = svd.values().toArray();
    for (int i = 0; i < factors.length; i++) {
      factors[i] = 1 / (factors[i] * factors[i] + damping) / (scaling * scaling);
    }
    Matrix v = svd.vt().transpose();
    return v.scaledColumns(factors).times(svd.vt());
  }

  @Override
  public long digest() {
    return LocalPlan.digestOf(2, Double.doubleToLongBits(damping));
  }
}
