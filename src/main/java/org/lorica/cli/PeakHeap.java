package org.lorica.cli;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** Greatest heap use of this JVM since the last {@link #restart}, garbage included. */
final class PeakHeap {
  private PeakHeap() {}

  private static List<MemoryPoolMXBean> pools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  /** Collects garbage and starts to measure anew. */
  static void restart() {
    System.gc();
    pools().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** MiB; pools peak at different times, so this is an upper bound. */
  static double mebibytes() {
    return pools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() / 0x1p20;
  }
}
