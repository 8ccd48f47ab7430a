package org.lorica.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What really computes in this JVM, for people who ask why it is slow or does not start.
 *
 * @param kernels name of the set that {@link FastestKernels} picks
 * @param nd4j ND4J's backend, such as {@code CpuBackend}
 * @param blas version of the loaded OpenBLAS
 * @param blasThreads threads of one call; 1 unless somebody changed it
 * @param memory limits of native memory
 */
public record NativeBackend(
    String kernels, String nd4j, String blas, int blasThreads, Memory memory) {

  /**
   * Native memory, in bytes.
   *
   * @param cap most that JavaCPP hands out; 0 = no limit
   * @param processCap most that the whole process may take before JavaCPP refuses; 0 = no limit
   * @param cache folder that the libraries are unpacked to
   */
  public record Memory(long cap, long processCap, String cache) {}

  private static final int SIDE = 33;

  /**
   * Loads the libraries, if they are not loaded yet, and takes the kernels of that device.
   *
   * @throws RuntimeException or {@link LinkageError} of the loader where they cannot be loaded
   */
  public static NativeBackend load(Device device) throws java.io.IOException {
    Kernels kernels = FastestKernels.on(device).kernels();
    return new NativeBackend(
        kernels.name() + " (" + kernels.precision().name().toLowerCase(java.util.Locale.ROOT) + ")",
        Nd4j.getBackend().getClass().getSimpleName(),
        openblas.OPENBLAS_VERSION.strip(),
        openblas.blas_get_num_threads(),
        new Memory(
            Pointer.maxBytes(), Pointer.maxPhysicalBytes(), Loader.getCacheDir().toString()));
  }

  /** Loads what the CPU's kernels compute with, and nothing else. */
  public static void loadProducts() {
    if (!(productError(Device.CPU) < 1e-3)) {
      throw new IllegalStateException("the BLAS computes a small product wrongly");
    }
  }

  /**
   * Largest relative difference between the product of two small matrices by the picked kernels and
   * by plain Java: about 1e-7 on a sound machine.
   */
  public static double productError(Device device) {
    Kernels kernels = FastestKernels.on(device).kernels();
    Arena arena = kernels.arena();
    Tensor a = arena.allocate(SIDE, SIDE);
    Tensor b = arena.allocate(SIDE, SIDE);
    Tensor c = arena.allocate(SIDE, SIDE);
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) {
        a.set(i, j, 0.5 + (31 * i + 17 * j) % 13 / 13.0);
        b.set(i, j, 0.5 + (7 * i + 29 * j) % 11 / 11.0);
      }
    }
    kernels.gemm(1, a, b, 0, c);
    double worst = 0;
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) {
        double sum = 0;
        for (int k = 0; k < SIDE; k++) {
          sum += a.at(i, k) * b.at(k, j);
        }
        worst = Math.max(worst, Math.abs(c.at(i, j) - sum) / sum);
      }
    }
    return worst;
  }
}
