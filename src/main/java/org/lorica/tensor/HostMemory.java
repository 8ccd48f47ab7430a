package org.lorica.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The machine's memory outside the heap. */
final class HostMemory implements Memory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Pattern LINE = Pattern.compile("(MemAvailable|SwapFree):\\s*(\\d+) kB");
  private static final long KIB = 1024;

  @Override
  public Block reserve(Precision precision, int elements) {
    return new HostBlock(precision, elements);
  }

  /**
   * What the kernel could give without pushing others out, but no more than a container has: Linux
   * promises memory that it has not, and ends the process where it is used.
   */
  @Override
  public long available() {
    try {
      return Math.min(available(Files.readAllLines(MEMINFO)), total());
    } catch (IOException e) {
      return total(); // another system, or /proc is hidden
    }
  }

  private static long total() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  static long available(List<String> meminfo) {
    long sum = 0;
    boolean known = false;
    for (String line : meminfo) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        sum += Long.parseLong(matcher.group(2)) * KIB;
        known |= matcher.group(1).equals("MemAvailable");
      }
    }
    return known ? sum : Long.MAX_VALUE;
  }
}
