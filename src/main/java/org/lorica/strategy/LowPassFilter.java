package org.lorica.strategy;

import org.lorica.federation.GradientTransform;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.tensor.Matrix;

/**
 * Binomial low-pass filter [1, 4, 6, 4, 1]/16 along the features (LA-LoRA, arXiv 2602.19926): rows
 * of A along the input axis, columns of B along the output axis, never across the rank. Edges are
 * mirrored with the edge repeated (… g₁ g₀ | g₀ g₁ …), so constants and sums are kept. White noise
 * keeps 70/256 of its variance. Helps only where gradients are smooth along the feature index.
 */
record LowPassFilter() implements GradientTransform {
  private static final double[] KERNEL = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};

  @Override
  public Matrix apply(Role role, Matrix gradient, LoraFactors present, double scaling) {
    return role == Role.A ? alongRows(gradient) : alongRows(gradient.transpose()).transpose();
  }

  private static Matrix alongRows(Matrix signal) {
    int length = signal.cols();
    double[] smooth = new double[signal.rows() * length];
    for (int i = 0; i < signal.rows(); i++) {
      for (int j = 0; j < length; j++) {
        for (int k = 0; k < KERNEL.length; k++) {
          int at = mirrored(j + k - KERNEL.length / 2, length);
          smooth[i * length + j] += KERNEL[k] * signal.at(i, at);
        }
      }
    }
    return Matrix.of(signal.rows(), length, smooth);
  }

  private static int mirrored(int index, int length) {
    int inPeriod = Math.floorMod(index, 2 * length);
    return inPeriod < length ? inPeriod : 2 * length - 1 - inPeriod;
  }

  @Override
  public long digest() {
    return LocalPlan.digestOf(1);
  }
}
