package org.lorica.tensor;

import java.util.Locale;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_full;
import org.lorica.tensor.vector.VectorLoops;

/**
 * c = alpha·a·b + beta·c by OpenBLAS. Its AVX-512 kernels multiply straight from the factors' rows
 * where a product has at most a million terms, and first copy both factors into panels where it has
 * more. Beside a small right factor those copies cost more than they bring: such a product is cut
 * into pieces of rows, as its shape alone says. Belongs to one thread.
 */
final class BlasProduct {
  private static final long MOST_TERMS = 1_000_000; // of OpenBLAS's path without panels
  private static final long SMALL = 24_600; // elements of a factor that stays in the first caches
  private static final int EVEN = 8; // rows of a piece are a multiple
  private static final Set<String> WITHOUT_PANELS =
      Set.of("SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS");
  private static final ThreadLocal<BlasProduct> OWN =
      ThreadLocal.withInitial(() -> new BlasProduct(piecesPay()));

  private final boolean inPieces;
  private final Place left = new Place();
  private final Place right = new Place();
  private final Place result = new Place();
  private final Place stored = new Place();
  private FloatPointer turned; // SMALL elements: b, where it comes transposed

  BlasProduct(boolean inPieces) {
    this.inPieces = inPieces;
  }

  static BlasProduct ofThread() {
    return OWN.get();
  }

  /** OpenBLAS picks such kernels by processor, unless it is told otherwise. */
  private static boolean piecesPay() {
    String told = System.getenv("OPENBLAS_CORETYPE");
    if (told != null && !told.isEmpty()) {
      return WITHOUT_PANELS.contains(told.toUpperCase(Locale.ROOT));
    }
    return VectorLoops.width() == 16;
  }

  /** A pointer that is placed anew for every call, so that calls leave no garbage. */
  private static final class Place extends FloatPointer {
    Place() {
      super((Pointer) null);
    }

    FloatPointer at(long where) {
      address = where;
      return this;
    }
  }

  /** c = alpha·a·b + beta·c; c is not transposed, and none is empty. */
  void multiply(float alpha, Tensor a, Tensor b, float beta, Tensor c) {
    int m = c.rows();
    int n = c.cols();
    int k = a.cols();
    boolean small = inPieces && (long) k * n <= SMALL;
    long from = address(b);
    int leadingB = leading(b);
    boolean turnedB = b.transposed();
    if (small && turnedB && !a.transposed()) {
      from = turn(b);
      leadingB = n;
      turnedB = false;
    }
    int high = m;
    int wide = n;
    if (inPieces && (long) m * n * k > MOST_TERMS) {
      if (small) {
        high = piece(m, (long) k * n);
      } else if (a.transposed() && !turnedB && (long) m * k <= SMALL) {
        wide = piece(n, (long) m * k);
      }
    }
    long down = a.transposed() ? Float.BYTES : (long) Float.BYTES * a.stride();
    for (int i = 0; i < m; i += high) {
      for (int j = 0; j < n; j += wide) {
        openblas.cblas_sgemm(
            Blas.ROW_MAJOR,
            a.transposed() ? Blas.TRANSPOSE : Blas.NO_TRANSPOSE,
            turnedB ? Blas.TRANSPOSE : Blas.NO_TRANSPOSE,
            Math.min(high, m - i),
            Math.min(wide, n - j),
            k,
            alpha,
            left.at(address(a) + i * down),
            leading(a),
            right.at(from + (long) Float.BYTES * j),
            leadingB,
            beta,
            result.at(address(c) + Float.BYTES * ((long) i * c.stride() + j)),
            leading(c));
      }
    }
  }

  /** Rows of even pieces of at most MOST_TERMS terms, a row having {@code terms}. */
  private static int piece(int rows, long terms) {
    long most = MOST_TERMS / terms;
    long pieces = (rows + most - 1) / most;
    long even = ((rows + pieces - 1) / pieces + EVEN - 1) / EVEN * EVEN;
    return (int) Math.min(even, most);
  }

  /** Copies a transposed view into rows of its own. */
  private long turn(Tensor b) {
    if (turned == null) {
      turned = new FloatPointer(SMALL);
    }
    openblas_full.cblas_somatcopy(
        Blas.ROW_MAJOR,
        Blas.TRANSPOSE,
        b.cols(),
        b.rows(),
        1,
        stored.at(address(b)),
        leading(b),
        turned,
        b.cols());
    return turned.address();
  }

  private static long address(Tensor t) {
    if (t.precision() != Precision.FLOAT32) {
      throw new IllegalStateException("the CPU kernels need FLOAT32 memory, got " + t);
    }
    return t.address();
  }

  /** BLAS wants at least the stored width, also where there is one row only. */
  private static int leading(Tensor t) {
    return Math.max(t.stride(), t.transposed() ? t.rows() : t.cols());
  }
}
