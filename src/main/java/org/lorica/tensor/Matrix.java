package org.lorica.tensor;

import java.io.Serializable;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.lorica.tensor.vector.VectorSums;

/**
 * Immutable rows × cols matrix of doubles on the heap, row-major: the driver's algebra of factors
 * and sketches.
 */
public final class Matrix implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int ROUNDED_AT_ONCE = 2048;
  private final int rows;
  private final int cols;
  private final double[] values;

  private Matrix(int rows, int cols, double[] values) {
    if (rows < 0 || cols < 0 || values.length != rows * cols) {
      throw new IllegalArgumentException(
          "a "
              + rows
              + " x "
              + cols
              + " matrix needs "
              + (long) rows * cols
              + " values, got "
              + values.length);
    }
    this.rows = rows;
    this.cols = cols;
    this.values = values;
  }

  /** Takes ownership of {@code values}. */
  public static Matrix of(int rows, int cols, double[] values) {
    return new Matrix(rows, cols, values);
  }

  public static Matrix zeros(int rows, int cols) {
    return new Matrix(rows, cols, new double[rows * cols]);
  }

  /** size × size, ones on the diagonal. */
  public static Matrix identity(int size) {
    double[] values = new double[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return new Matrix(size, size, values);
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  public double at(int row, int col) {
    return values[row * cols + col];
  }

  /** A copy of all values, row by row. */
  public double[] toArray() {
    return values.clone();
  }

  /**
   * totals[at + i] += rint(weight·value·grid) for values row by row, as long as they are at most
   * 2^51 in magnitude; the fast way to the same bits as {@link Math#rint}.
   *
   * @param grid a power of 2
   * @return how many values were added: all, or fewer if a later one is too large or not finite
   * @throws ArithmeticException if a total overflowed
   */
  public int addRoundedTo(long[] totals, int at, double weight, double grid) {
    int from = 0;
    while (from < values.length) { // pieces, so that a bad value costs one of them twice only
      int to = Math.min(values.length, from + ROUNDED_AT_ONCE);
      switch (VectorSums.addRounded(values, from, to, weight * grid, totals, at + from)) {
        case ALL -> from = to;
        case NONE -> {
          return from;
        }
        case OVERFLOWED ->
            throw new ArithmeticException("a sum on the fixed-point grid overflowed");
      }
    }
    return from;
  }

  /** The values themselves, for this package only. */
  double[] values() {
    return values;
  }

  public Matrix transpose() {
    double[] t = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        t[j * rows + i] = values[i * cols + j];
      }
    }
    return new Matrix(cols, rows, t);
  }

  /** this·other. */
  public Matrix times(Matrix other) {
    return LinearAlgebra.multiply(this, other);
  }

  public Matrix plus(Matrix other) {
    requireSameShape(other);
    double[] sum = values.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.values[i];
    }
    return new Matrix(rows, cols, sum);
  }

  public Matrix minus(Matrix other) {
    return plus(other.scaled(-1));
  }

  public Matrix scaled(double factor) {
    return map(v -> factor * v);
  }

  public Matrix map(DoubleUnaryOperator f) {
    double[] mapped = new double[values.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = f.applyAsDouble(values[i]);
    }
    return new Matrix(rows, cols, mapped);
  }

  /** Column j multiplied by factors[j]. */
  public Matrix scaledColumns(double[] factors) {
    double[] scaled = values.clone();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        scaled[i * cols + j] *= factors[j];
      }
    }
    return new Matrix(rows, cols, scaled);
  }

  /** The first {@code count} columns. */
  public Matrix firstColumns(int count) {
    double[] part = new double[rows * count];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * cols, part, i * count, count);
    }
    return new Matrix(rows, count, part);
  }

  /** [this other], as many rows as both. */
  public Matrix besides(Matrix other) {
    if (rows != other.rows) {
      throw new IllegalArgumentException(
          "matrices side by side must have equally many rows, got " + rows + " and " + other.rows);
    }
    int width = cols + other.cols;
    double[] wide = new double[rows * width];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * cols, wide, i * width, cols);
      System.arraycopy(other.values, i * other.cols, wide, i * width + cols, other.cols);
    }
    return new Matrix(rows, width, wide);
  }

  /** Frobenius norm. */
  public double norm() {
    double sum = 0;
    for (double v : values) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }

  /** Same shape and the same bits. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix that
        && rows == that.rows
        && cols == that.cols
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + cols) + Arrays.hashCode(values);
  }

  private void requireSameShape(Matrix other) {
    if (rows != other.rows || cols != other.cols) {
      throw new IllegalArgumentException(
          "shapes must agree, got "
              + rows
              + " x "
              + cols
              + " and "
              + other.rows
              + " x "
              + other.cols);
    }
  }
}
