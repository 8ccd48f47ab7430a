package org.lorica.tensor;

/**
 * Double-precision products and factorisations on the driver, by LAPACK (JavaCPP's OpenBLAS), on
 * one thread.
 */
public final class LinearAlgebra {
  private LinearAlgebra() {}

  /** a·b. */
  public static Matrix multiply(Matrix a, Matrix b) {
    throw new IllegalStateException();
  }

  /** Thin QR of a (m × n), m >= n or not: Q is m × min(m, n), R is min(m, n) × n. */
  public static Qr qr(Matrix a) {
    throw new IllegalStateException();
  }

  /** Thin SVD a = U·diag(s)·Vᵀ with U m × k, Vᵀ k × n, k = min(m, n), s descending. */
  public static Svd svd(Matrix a) {
    throw new IllegalStateException();
  }

  /** Q with orthonormal columns, R upper triangular. */
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
