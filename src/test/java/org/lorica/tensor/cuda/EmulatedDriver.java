package org.lorica.tensor.cuda;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.lorica.tensor.DeviceMemoryException;

/**
 * A device that {@link Emulator} computes for: kernels as they stand in {@code kernels.cu},
 * products by plain loops. Knows what is allocated, and may have little memory.
 */
final class EmulatedDriver implements CudaDriver {
  private final long capacity;
  private final Map<Long, Long> live = new HashMap<>();
  private final Map<String, Integer> launches = new TreeMap<>();
  private long used = 0;
  private long peak = 0;
  private int streams = 0;

  private EmulatedDriver(long capacity) {
    this.capacity = capacity;
  }

  /** A device of this many bytes. */
  static EmulatedDriver of(long capacity) {
    Emulator.require();
    return new EmulatedDriver(capacity);
  }

  static EmulatedDriver roomy() {
    return of(Long.MAX_VALUE);
  }

  @Override
  public String description() {
    return "emulated device";
  }

  @Override
  public synchronized long allocate(long bytes) {
    if (bytes > capacity - used) {
      throw new DeviceMemoryException(bytes + " bytes asked for, " + (capacity - used) + " free");
    }
    long address = Emulator.allocate(bytes);
    live.put(address, bytes);
    used += bytes;
    peak = Math.max(peak, used);
    return address;
  }

  @Override
  public synchronized void free(long address) {
    Long bytes = live.remove(address);
    if (bytes == null) {
      throw new IllegalStateException("free of what is not allocated");
    }
    used -= bytes;
    Emulator.free(address);
  }

  /** Bytes allocated now. */
  synchronized long used() {
    return used;
  }

  @Override
  public synchronized long peak() {
    return peak;
  }

  /** How often each kernel ran; products are {@code gemm} and {@code gemmEach}. */
  synchronized Map<String, Integer> launches() {
    return new TreeMap<>(launches);
  }

  private synchronized void count(String kernel) {
    launches.merge(kernel, 1, Integer::sum);
  }

  /** Everything must lie in memory that is allocated. */
  private synchronized void requireLive(long address, long bytes) {
    boolean inside =
        live.entrySet().stream()
            .anyMatch(
                block ->
                    block.getKey() <= address
                        && address + bytes <= block.getKey() + block.getValue());
    if (!inside) {
      throw new IllegalStateException("a copy outside the device's memory");
    }
  }

  @Override
  public synchronized CudaStream stream() {
    streams++;
    return new Stream();
  }

  /** Streams that are not closed. */
  synchronized int streams() {
    return streams;
  }

  private synchronized void closed() {
    streams--;
  }

  private final class Stream implements CudaStream {
    private boolean closed = false;

    @Override
    public void upload(Pointer from, long to, long bytes) {
      requireLive(to, bytes);
      Emulator.copy(from.address(), to, bytes);
    }

    @Override
    public void download(long from, Pointer to, long bytes) {
      requireLive(from, bytes);
      Emulator.copy(from, to.address(), bytes);
    }

    @Override
    public void launch(String kernel, Grid grid, Arguments arguments) {
      if (grid.threads() % 32 != 0 || grid.threads() > 1024 || grid.x() < 1 || grid.y() < 1) {
        throw new IllegalArgumentException("no device runs " + grid);
      }
      count(kernel);
      long addresses = arguments.pointers().address();
      if (closed || !Emulator.launch(kernel, grid.x(), grid.y(), grid.threads(), addresses)) {
        throw new IllegalArgumentException("no kernel " + kernel);
      }
    }

    @Override
    public void gemm(Gemm gemm, long a, long b, long c) {
      count("gemm");
      try (LongPointer addresses = new LongPointer(a, b, c)) {
        products(gemm, 1, addresses.address());
      }
    }

    @Override
    public void gemmEach(Gemm gemm, int count, long addresses) {
      requireLive(addresses, 3L * count * Long.BYTES);
      count("gemmEach");
      products(gemm, count, addresses);
    }

    private void products(Gemm gemm, int count, long addresses) {
      int[] size = {
        gemm.size().m(),
        gemm.size().n(),
        gemm.size().k(),
        gemm.a().transposed() ? 1 : 0,
        gemm.a().leading(),
        gemm.b().transposed() ? 1 : 0,
        gemm.b().leading(),
        gemm.leadingC()
      };
      float[] factors = {gemm.factors().alpha(), gemm.factors().beta()};
      Emulator.gemm(size, factors, count, addresses);
    }

    @Override
    public void finish() {}

    @Override
    public void close() {
      closed = true;
      closed();
    }
  }
}
