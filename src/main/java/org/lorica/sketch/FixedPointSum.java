package org.lorica.sketch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Matrix;

/**
 * A sum of matrices that does not depend on the order of its terms: every weighted value is rounded
 * to a multiple of 2^−42 and added as an int64. Integer addition is associative, so any
 * partitioning, tree or arrival order gives the same bits; it is also the sum that secure
 * aggregation would compute. Rounding costs at most 2^−43 a term; a total must stay below 2^20.
 * Starts empty, so that it costs nothing to ship.
 */
public final class FixedPointSum implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double GRID = 0x1p42;

  /** What every total must stay below, in magnitude. */
  public static final double LIMIT = 0x1p20;

  private long[] totals = new long[0];
  private int[] rows = new int[0];
  private int[] cols = new int[0];

  /** this += weight·matrices. All calls must bring the same shapes. */
  public FixedPointSum addInPlace(List<Matrix> matrices, double weight) {
    if (rows.length == 0) {
      shapeFor(matrices);
    }
    int at = 0;
    for (Matrix matrix : matrices) {
      int size = matrix.rows() * matrix.cols();
      if (at + size > totals.length) {
        throw new IllegalArgumentException("expected " + totals.length + " values, got more");
      }
      int added = matrix.addRoundedTo(totals, at, weight, GRID);
      addOneByOne(matrix, weight, added, at);
      at += size;
    }
    if (at != totals.length) {
      throw new IllegalArgumentException("expected " + totals.length + " values, got " + at);
    }
    return this;
  }

  /** The plain way, for values from one on that is large or not finite. */
  private void addOneByOne(Matrix matrix, double weight, int first, int at) {
    for (int i = first; i < matrix.rows() * matrix.cols(); i++) {
      double value = matrix.at(i / matrix.cols(), i % matrix.cols());
      totals[at + i] = Math.addExact(totals[at + i], onGrid(value * weight));
    }
  }

  private void shapeFor(List<Matrix> matrices) {
    rows = matrices.stream().mapToInt(Matrix::rows).toArray();
    cols = matrices.stream().mapToInt(Matrix::cols).toArray();
    int size = matrices.stream().mapToInt(m -> m.rows() * m.cols()).sum();
    totals = new long[size];
  }

  private static long onGrid(double value) {
    if (!(Math.abs(value) < LIMIT)) {
      throw new ArithmeticException(
          "a client's weighted value must be finite and below 2^20, got "
              + value
              + ": training diverged; lower optimizer.learning-rate");
    }
    return (long) Math.rint(value * GRID);
  }

  /** this += other. */
  public FixedPointSum mergeInPlace(FixedPointSum other) {
    if (other.rows.length == 0) {
      return this;
    }
    if (rows.length == 0) {
      rows = other.rows.clone();
      cols = other.cols.clone();
      totals = other.totals.clone();
      return this;
    }
    if (totals.length != other.totals.length) {
      throw new IllegalArgumentException(
          "expected " + totals.length + " values, got " + other.totals.length);
    }
    long overflow = 0; // its sign, not a branch for every value
    for (int i = 0; i < totals.length; i++) {
      long own = totals[i];
      long theirs = other.totals[i];
      long sum = own + theirs;
      overflow |= (sum ^ own) & (sum ^ theirs);
      totals[i] = sum;
    }
    if (overflow < 0) {
      throw new ArithmeticException("a sum on the fixed-point grid overflowed");
    }
    return this;
  }

  /** The sum as matrices of doubles. */
  public List<Matrix> toMatrices() {
    List<Matrix> matrices = new ArrayList<>();
    int at = 0;
    for (int m = 0; m < rows.length; m++) {
      double[] values = new double[rows[m] * cols[m]];
      for (int i = 0; i < values.length; i++) {
        values[i] = totals[at++] / GRID;
      }
      matrices.add(Matrix.of(rows[m], cols[m], values));
    }
    return matrices;
  }
}
