package org.lorica.tensor.cuda;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Device memory for what one operation brings from the host or takes back to it: indices, factors,
 * addresses, sums. Used again by the next operation, which its stream runs after this one.
 */
final class Scratch implements AutoCloseable {
  private static final long SMALLEST = 1 << 16;
  private static final int ALIGNMENT = 16;

  private final CudaDriver driver;
  private final CudaStream stream;
  private final List<Long> outgrown = new ArrayList<>(); // still in use by the present operation
  private long memory = 0;
  private long capacity = 0;
  private long used = 0;

  Scratch(CudaDriver driver, CudaStream stream) {
    this.driver = driver;
    this.stream = stream;
    reserve(1); // before activations take what there is
  }

  /** What earlier operations were given may be written over from now on. */
  Scratch begin() {
    used = 0;
    if (!outgrown.isEmpty()) {
      stream.finish();
      outgrown.forEach(driver::free);
      outgrown.clear();
    }
    return this;
  }

  /** Memory of unspecified content. */
  long reserve(long bytes) {
    long padded = Math.max(1, (bytes + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
    if (used + padded > capacity) {
      long next = Math.max(SMALLEST, 2 * Math.max(capacity, padded));
      long larger = driver.allocate(next);
      if (memory != 0) {
        outgrown.add(memory);
      }
      memory = larger;
      capacity = next;
      used = 0;
    }
    long address = memory + used;
    used += padded;
    return address;
  }

  long upload(int[] values) {
    try (IntPointer host = new IntPointer(values)) {
      return upload(host, (long) values.length * Integer.BYTES);
    }
  }

  long upload(float[] values) {
    try (FloatPointer host = new FloatPointer(values)) {
      return upload(host, (long) values.length * Float.BYTES);
    }
  }

  long upload(double[] values) {
    try (DoublePointer host = new DoublePointer(values)) {
      return upload(host, (long) values.length * Double.BYTES);
    }
  }

  long upload(long[] values) {
    try (LongPointer host = new LongPointer(values)) {
      return upload(host, (long) values.length * Long.BYTES);
    }
  }

  private long upload(Pointer host, long bytes) {
    long address = reserve(bytes);
    if (bytes > 0) {
      stream.upload(host, address, bytes);
    }
    return address;
  }

  /** Waits for the doubles at an address. */
  double[] doubles(long address, int count) {
    double[] values = new double[count];
    try (DoublePointer host = new DoublePointer((long) count)) {
      stream.download(address, host, (long) count * Double.BYTES);
      host.get(values);
    }
    return values;
  }

  @Override
  public void close() {
    stream.finish();
    outgrown.forEach(driver::free);
    if (memory != 0) {
      driver.free(memory);
    }
  }
}
