package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Tensor;

/** Per-example gradients as the rows of a worker's tensor. */
final class PackedGradients implements PerExampleGradients {
  private final Kernels kernels;
  private final Tensor rows;
  private final double[] losses;
  private double[] squares; // of all rows, taken when the first is asked for

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
    if (squares == null) {
      squares = kernels.squaredNorms(rows);
    }
    return Math.sqrt(squares[example]);
  }

  @Override
  public void addScaledTo(double[] factors, double[] sum) {
    requireLength("factors", examples(), factors.length);
    if (examples() == 0) {
      return;
    }
    requireLength("sum", rows.cols(), sum.length);
    if (rows.precision() == Precision.FLOAT32) {
      kernels.addWeightedRows(factors, rows, sum);
    } else {
      addDoubles(factors, sum);
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
