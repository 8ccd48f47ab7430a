package org.lorica.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Pointer;

/**
 * The machine's memory outside the heap, or as much of it as the launcher lets this JVM have.
 * ND4J's arrays are not among what JavaCPP counts, so its cap is kept here.
 */
final class HostMemory implements Memory {
  private static final String CAP = "org.bytedeco.javacpp.maxbytes";
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Pattern LINE = Pattern.compile("(MemAvailable|SwapFree):\\s*(\\d+) kB");
  private static final long KIB = 1024;
  private static final long LEFT_TO_OTHERS = 256 << 20; // bytes
  private static final int COLLECTIONS = 3; // of what nobody uses any more, before memory is full
  private static final long PAUSE = 100; // ms, for the cleaner to come round

  private final LongSupplier available;

  HostMemory() {
    this(HostMemory::availableHere);
  }

  /** Memory of which so many bytes are available. */
  HostMemory(LongSupplier available) {
    this.available = available;
  }

  /**
   * A block, all of whose pages exist, so that the next one to ask sees what is left. Linux
   * promises memory that it has not and ends the process where it is used: a block is refused
   * before.
   */
  @Override
  public Block reserve(Precision precision, int elements) {
    long bytes = (long) elements * precision.bytes();
    synchronized (HostMemory.class) { // one after the other
      long free = available(bytes);
      if (bytes > free) {
        throw new DeviceMemoryException(
            String.format(
                "no memory outside the heap for %,d MiB more: %,d MiB are available (%s); lower"
                    + " federation.micro-batch, have fewer task slots, or give more",
                bytes >> 20, Math.max(0, free >> 20), limit()));
      }
      return new HostBlock(precision, elements);
    }
  }

  @Override
  public long available(long wanted) {
    long free = available.getAsLong();
    for (int i = 0; i < COLLECTIONS && free < wanted; i++) {
      System.gc();
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return free;
      }
      free = available.getAsLong();
    }
    return free;
  }

  private static String limit() {
    return cap() == Long.MAX_VALUE
        ? "of the machine"
        : "-D" + CAP + " or --off-heap lets this JVM have " + (cap() >> 20) + " MiB";
  }

  /** The launcher's; JavaCPP's own default follows from the heap and says nothing. */
  private static long cap() {
    return System.getProperty(CAP) == null || Pointer.maxBytes() <= 0
        ? Long.MAX_VALUE
        : Pointer.maxBytes();
  }

  private static long availableHere() {
    long underCap = cap() == Long.MAX_VALUE ? cap() : cap() - HostBlock.bytesOfAll();
    return Math.min(underCap, availableOnMachine() - LEFT_TO_OTHERS);
  }

  /** What the kernel could give without pushing others out, but no more than a container has. */
  private static long availableOnMachine() {
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
