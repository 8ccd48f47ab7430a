package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Tensor;

/** Per-example gradients as the rows of a worker's tensor. */
final class PackedGradients implements PerExampleGradients {
  private final Kernels kernels;
  private final Tensor rows;
  private final double[] losses;

  PackedGradients(Kernels kernels, Tensor rows, double[] losses) {
    this.kernels = kernels;
    this.rows = rows;
    this.losses = losses;
  }

  @Override
  public int examples() {
    return losses.length;
  }

  @Override
  public double loss(int example) {
    return losses[example];
  }

  @Override
  public double norm(int example) {
    return Math.sqrt(kernels.squaredNorm(rows.rows(example, 1)));
  }

  @Override
  public void addScaledTo(double[] factors, double[] sum) {
    requireLength("factors", examples(), factors.length);
    if (examples() == 0) {
      return;
    }
    requireLength("sum", rows.cols(), sum.length);
    if (rows.precision() == Precision.FLOAT32) {
      addFloats(factors, sum);
    } else {
      addDoubles(factors, sum);
    }
  }

  private void addFloats(double[] factors, double[] sum) {
    float[] row = new float[sum.length];
    for (int e = 0; e < factors.length; e++) {
      double factor = factors[e];
      if (factor != 0) {
        rows.rows(e, 1).read(row, 0);
        for (int i = 0; i < row.length; i++) {
          sum[i] += factor * row[i];
        }
      }
    }
  }

  private void addDoubles(double[] factors, double[] sum) {
    double[] row = new double[sum.length];
    for (int e = 0; e < factors.length; e++) {
      double factor = factors[e];
      if (factor != 0) {
        rows.rows(e, 1).doublePointer().get(row);
        for (int i = 0; i < row.length; i++) {
          sum[i] += factor * row[i];
        }
      }
    }
  }

  private static void requireLength(String name, int expected, int found) {
    if (expected != found) {
      throw new IllegalArgumentException(
          name + " must have " + expected + " elements, got " + found);
    }
  }
}
