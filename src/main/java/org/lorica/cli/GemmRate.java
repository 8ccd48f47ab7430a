package org.lorica.cli;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * How fast this machine multiplies matrices on one thread, by processor time, or a device by wall
 * time.
 */
final class GemmRate {
  private static final int ROWS = 1024;
  private static final int SAMPLES = 7;
  private static final double FLOPS_A_SAMPLE = 1e10;

  private GemmRate() {}

  /** Floating-point operations a second of (1024 × width)·(width × width), the best of samples. */
  static double flops(Kernels kernels, int width) {
    Arena arena = kernels.arena();
    Tensor a = arena.allocate(ROWS, width);
    Tensor b = arena.allocate(width, width);
    Tensor c = arena.allocate(ROWS, width);
    kernels.fill(0.5, a);
    kernels.fill(0.25, b);
    double flops = 2.0 * ROWS * width * width;
    int repeats = (int) Math.max(3, FLOPS_A_SAMPLE / flops);
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    double best = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      long begin = nanos(kernels, thread);
      for (int i = 0; i < repeats; i++) {
        kernels.gemm(1, a, b.t(), 0, c);
      }
      best = Math.max(best, repeats * flops / (nanos(kernels, thread) - begin) * 1e9);
    }
    return best;
  }

  /** Processor time; on a device, wall time when all is done there. */
  private static long nanos(Kernels kernels, ThreadMXBean thread) {
    kernels.finish();
    return kernels.name().equals("cuda") ? System.nanoTime() : thread.getCurrentThreadCpuTime();
  }
}
