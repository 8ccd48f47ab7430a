package org.lorica.tensor.cuda;

import org.bytedeco.javacpp.Pointer;

/** Work on a device, done in the order in which one thread asks for it. */
interface CudaStream extends AutoCloseable {

  /** Copies from the host; the host's memory may be written again at once. */
  void upload(Pointer from, long to, long bytes);

  /** Copies to the host, and waits for it. */
  void download(long from, Pointer to, long bytes);

  /** Starts a kernel of {@code kernels.cu}. */
  void launch(String kernel, Grid grid, Arguments arguments);

  /** c = alpha·a·b + beta·c, row-major. */
  void gemm(Gemm gemm, long a, long b, long c);

  /**
   * The same for {@code count} products.
   *
   * @param addresses on the device: count of a, then count of b, then count of c
   */
  void gemmEach(Gemm gemm, int count, long addresses);

  /** Waits until everything is done. */
  void finish();

  @Override
  void close();
}
