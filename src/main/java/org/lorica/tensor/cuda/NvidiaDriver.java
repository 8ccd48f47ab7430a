package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaDeviceSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaErrorMemoryAllocation;
import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaGetLastError;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.lorica.tensor.DeviceMemoryException;

/** A card of this machine, through JavaCPP's presets of the CUDA 13 libraries. */
final class NvidiaDriver implements CudaDriver {
  private static final int COLLECTIONS = 1;
  private static final long PAUSE_MILLIS = 100;

  private final int ordinal;
  private final String name;
  private final String architecture;
  private final CompiledKernels kernels;
  private final Map<Long, Long> live = new ConcurrentHashMap<>(); // bytes by address
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();

  /**
   * Opens a device and compiles the kernels for it.
   *
   * @param ordinal CUDA's number of the device
   */
  NvidiaDriver(int ordinal) {
    this.ordinal = ordinal;
    makeCurrent();
    Status.runtime(cudaFree(null), "cudaFree"); // makes the context
    byte[] text = new byte[256];
    Status.driver(cuDeviceGetName(text, text.length, ordinal), "cuDeviceGetName");
    this.name = new String(text, StandardCharsets.UTF_8).split("\0", 2)[0];
    this.architecture =
        "sm_"
            + attribute(cudaDevAttrComputeCapabilityMajor)
            + attribute(cudaDevAttrComputeCapabilityMinor);
    this.kernels = new CompiledKernels(architecture);
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    Status.runtime(cudaDeviceGetAttribute(value, attribute, ordinal), "cudaDeviceGetAttribute");
    return value[0];
  }

  /** Calls of this thread concern this device from now on. */
  private void makeCurrent() {
    Status.runtime(cudaSetDevice(ordinal), "cudaSetDevice " + ordinal);
  }

  @Override
  public String description() {
    makeCurrent();
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      Status.runtime(cudaMemGetInfo(free, total), "cudaMemGetInfo");
      return String.format(
          Locale.ROOT,
          "%s, %s, %.1f of %.1f GiB free",
          name,
          architecture,
          free.get() / (double) (1 << 30),
          total.get() / (double) (1 << 30));
    }
  }

  @Override
  public long allocate(long bytes) {
    makeCurrent();
    for (int attempt = 0; ; attempt++) {
      try (PointerPointer<Pointer> found = new PointerPointer<>(1)) {
        int status = cudaMalloc(found, bytes);
        if (status != cudaErrorMemoryAllocation) {
          Status.runtime(status, "cudaMalloc");
          return counted(found.get(0).address(), bytes);
        }
      }
      cudaGetLastError(); // else the next launch would be told of it
      if (attempt == COLLECTIONS) {
        throw new DeviceMemoryException(
            "the CUDA device has no " + bytes + " bytes left: " + description());
      }
      collect();
    }
  }

  private long counted(long address, long bytes) {
    live.put(address, bytes);
    long now = used.addAndGet(bytes);
    peak.accumulateAndGet(now, Math::max);
    return address;
  }

  @Override
  public long peak() {
    return peak.get();
  }

  /** Blocks that nothing uses any more are given back by the garbage collector. */
  private static void collect() {
    System.gc();
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void free(long address) {
    makeCurrent();
    used.addAndGet(-live.remove(address));
    Status.runtime(cudaDeviceSynchronize(), "cudaDeviceSynchronize"); // some work may still use it
    Status.runtime(cudaFree(new Address(address)), "cudaFree");
  }

  @Override
  public CudaStream stream() {
    makeCurrent();
    return new NvidiaStream(ordinal, kernels);
  }
}
