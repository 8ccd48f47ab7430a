package org.lorica.tensor.cuda;

import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaMallocHost;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Page-locked host memory that small uploads pass through: the card may read it after the call has
 * returned, which it might do with any other memory too, on some systems, and nothing would keep
 * that from being freed.
 */
final class PinnedRing {
  private static final long CAPACITY = 1 << 20;
  private static final long ALIGNMENT = 16;

  private final CudaStream stream;
  private final BytePointer memory;
  private long used = 0;

  PinnedRing(CudaStream stream) {
    this.stream = stream;
    try (PointerPointer<Pointer> found = new PointerPointer<>(1)) {
      Status.runtime(cudaMallocHost(found, CAPACITY), "cudaMallocHost");
      this.memory = new BytePointer(found.get(0)).capacity(CAPACITY);
    }
  }

  /** Whether so many bytes can pass. */
  static boolean takes(long bytes) {
    return bytes <= CAPACITY;
  }

  /** A copy that stays as it is until the stream has read it. */
  Pointer copy(Pointer from, long bytes) {
    if (used + bytes > CAPACITY) {
      stream.finish();
      used = 0;
    }
    BytePointer place = new BytePointer(memory).position(used);
    Pointer.memcpy(place, from, bytes);
    used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
  }

  void free() {
    cudaFreeHost(memory);
  }
}
