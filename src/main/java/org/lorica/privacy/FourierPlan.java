package org.lorica.privacy;

import java.lang.ref.SoftReference;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * Transforms of the length used last, one a thread. Their table of roots of unity takes a fifth of
 * the time of a calibration, which transforms one length again and again.
 */
final class FourierPlan {
  /** A table of more values than that is not kept: 8 MiB. */
  private static final int MOST_KEPT = 1 << 20;

  private static final ThreadLocal<SoftReference<Plan>> LAST =
      ThreadLocal.withInitial(() -> new SoftReference<>(null));

  private record Plan(int points, DoubleFFT_1D transform) {}

  private FourierPlan() {}

  /** A transform of {@code points} values, for the calling thread alone. */
  static DoubleFFT_1D of(int points) {
    Plan last = LAST.get().get();
    if (last != null && last.points() == points) {
      return last.transform();
    }
    DoubleFFT_1D transform = new DoubleFFT_1D(points);
    if (points <= MOST_KEPT) {
      LAST.set(new SoftReference<>(new Plan(points, transform)));
    }
    return transform;
  }
}
