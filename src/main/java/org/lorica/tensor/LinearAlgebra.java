package org.lorica.tensor;

import org.bytedeco.openblas.global.openblas;

/**
 * Double-precision products and factorisations on the driver, by LAPACK (JavaCPP's OpenBLAS), on
 * one thread.
 */
public final class LinearAlgebra {
  static {
    Blas.ready();
  }

  private LinearAlgebra() {}

  /** a·b. */
  public static Matrix multiply(Matrix a, Matrix b) {
    if (a.cols() != b.rows()) {
      throw new IllegalArgumentException(
          "inner sizes must agree, got "
              + a.rows()
              + " x "
              + a.cols()
              + " times "
              + b.rows()
              + " x "
              + b.cols());
    }
    double[] c = new double[a.rows() * b.cols()];
    if (c.length > 0 && a.cols() > 0) {
      Blas.dgemm(a.rows(), b.cols(), a.cols(), a.values(), b.values(), c);
    }
    return Matrix.of(a.rows(), b.cols(), c);
  }

  /** Thin QR of a (m × n): Q is m × k, R is k × n, k = min(m, n). */
  public static Qr qr(Matrix a) {
    int m = a.rows();
    int n = a.cols();
    int k = Math.min(m, n);
    if (k == 0) {
      return new Qr(Matrix.zeros(m, 0), Matrix.zeros(0, n));
    }
    double[] work = a.toArray();
    double[] tau = new double[k];
    check("dgeqrf", openblas.LAPACKE_dgeqrf(Blas.ROW_MAJOR, m, n, work, n, tau));
    double[] r = new double[k * n];
    double[] q = new double[m * k];
    for (int i = 0; i < k; i++) {
      System.arraycopy(work, i * n + i, r, i * n + i, n - i);
    }
    for (int i = 0; i < m; i++) {
      System.arraycopy(work, i * n, q, i * k, k);
    }
    check("dorgqr", openblas.LAPACKE_dorgqr(Blas.ROW_MAJOR, m, k, k, q, k, tau));
    return new Qr(Matrix.of(m, k, q), Matrix.of(k, n, r));
  }

  /** Thin SVD a = U·diag(s)·Vᵀ with U m × k, Vᵀ k × n, k = min(m, n), s descending. */
  public static Svd svd(Matrix a) {
    int m = a.rows();
    int n = a.cols();
    int k = Math.min(m, n);
    double[] s = new double[k];
    double[] u = new double[m * k];
    double[] vt = new double[k * n];
    if (k > 0) {
      check(
          "dgesdd",
          openblas.LAPACKE_dgesdd(
              Blas.ROW_MAJOR, (byte) 'S', m, n, a.toArray(), n, s, u, k, vt, n));
    }
    return new Svd(Matrix.of(m, k, u), new SingularValues(s), Matrix.of(k, n, vt));
  }

  private static void check(String routine, int info) {
    if (info != 0) {
      throw new ArithmeticException(
          routine + " failed with info " + info + ": the matrix holds values that are not finite");
    }
  }

  /** Q with orthonormal columns, R upper triangular (or trapezoidal). */
  public record Qr(Matrix q, Matrix r) {}

  /** u·diag(values)·vt. */
  public record Svd(Matrix u, SingularValues values, Matrix vt) {}

  /** Singular values, descending. */
  public static final class SingularValues {
    private final double[] values;

    SingularValues(double[] values) {
      this.values = values;
    }

    public int count() {
      return values.length;
    }

    public double at(int i) {
      return values[i];
    }

    public double[] toArray() {
      return values.clone();
    }
  }
}
