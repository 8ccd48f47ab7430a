package org.lorica.tensor;

import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Loads OpenBLAS once and pins it to one thread: parallelism comes from tasks, and results do not
 * depend on core counts.
 */
final class Blas {
  static final int ROW_MAJOR = 101;
  static final int NO_TRANSPOSE = 111;
  static final int TRANSPOSE = 112;

  static {
    Nd4j.getBlasWrapper(); // ND4J's start sets the pool to all cores, so it must come first
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    openblas.blas_set_num_threads(1);
  }

  private Blas() {}

  /** Makes sure that the library is loaded and pinned. */
  static void ready() {}

  static void dgemm(int m, int n, int k, double[] a, double[] b, double[] c) {
    openblas.cblas_dgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c, n);
  }
}
