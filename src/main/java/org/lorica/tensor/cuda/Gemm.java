package org.lorica.tensor.cuda;

import org.lorica.tensor.Tensor;

/**
 * What two matrix products have in common when one call can do both: sizes, layouts and factors.
 *
 * @param leadingC elements between two rows of c
 */
record Gemm(Size size, Layout a, Layout b, int leadingC, Factors factors) {

  /** c is m × n, and the sum has k terms. */
  record Size(int m, int n, int k) {}

  /**
   * How an argument is stored.
   *
   * @param transposed whether its rows are stored as columns
   * @param leading elements between two stored rows
   */
  record Layout(boolean transposed, int leading) {
    static Layout of(Tensor t) {
      return new Layout(t.transposed(), leadingOf(t));
    }
  }

  /** c = alpha·a·b + beta·c. */
  record Factors(float alpha, float beta) {}

  /** The product of these, whose shapes must fit. */
  static Gemm of(Factors factors, Tensor a, Tensor b, Tensor c) {
    if (a.cols() != b.rows() || c.rows() != a.rows() || c.cols() != b.cols() || c.transposed()) {
      throw new IllegalArgumentException("shapes do not fit: " + a + " times " + b + " into " + c);
    }
    return new Gemm(
        new Size(c.rows(), c.cols(), a.cols()), Layout.of(a), Layout.of(b), leadingOf(c), factors);
  }

  /** At least the stored width, also where there is one row only: BLAS insists. */
  private static int leadingOf(Tensor t) {
    return Math.max(1, Math.max(t.stride(), t.transposed() ? t.rows() : t.cols()));
  }
}
