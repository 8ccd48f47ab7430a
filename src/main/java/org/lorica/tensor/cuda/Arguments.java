package org.lorica.tensor.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.lorica.tensor.Tensor;

/**
 * The arguments of one kernel call, as a launch wants them: an array of pointers to values. One
 * thread's memory, used again for every call.
 */
final class Arguments {
  private static final int SLOTS = 32;

  private final BytePointer memory = new BytePointer((long) SLOTS * Long.BYTES);
  private final ByteBuffer values = memory.asByteBuffer().order(ByteOrder.nativeOrder());
  private final LongPointer pointers = new LongPointer(SLOTS);
  private final PointerPointer<?> asPointers = new PointerPointer<>(pointers);
  private int slots = 0;
  private int count = 0;

  /** Starts anew. */
  Arguments none() {
    slots = 0;
    count = 0;
    return this;
  }

  /** A matrix: {@code View} in kernels.cu. */
  Arguments view(Tensor t) {
    if (t.transposed()) {
      throw new IllegalArgumentException("only gemm takes transposed views");
    }
    return matrix(address(t), t.stride());
  }

  /** The elements of a contiguous matrix as one row. */
  Arguments flat(Tensor t) {
    return matrix(address(t), t.size());
  }

  /** In place of a matrix that is not wanted. */
  Arguments absent() {
    return matrix(0, 0);
  }

  private Arguments matrix(long address, long stride) {
    begin();
    values.putLong(slots++ * Long.BYTES, address);
    values.putLong(slots++ * Long.BYTES, stride);
    return this;
  }

  Arguments address(long address) {
    begin();
    values.putLong(slots++ * Long.BYTES, address);
    return this;
  }

  Arguments integer(int value) {
    begin();
    values.putInt(slots++ * Long.BYTES, value);
    return this;
  }

  Arguments single(double value) {
    begin();
    values.putFloat(slots++ * Long.BYTES, (float) value);
    return this;
  }

  Arguments real(double value) {
    begin();
    values.putDouble(slots++ * Long.BYTES, value);
    return this;
  }

  private void begin() {
    pointers.put(count++, memory.address() + (long) slots * Long.BYTES);
  }

  /** The array of pointers. */
  PointerPointer<?> pointers() {
    return asPointers;
  }

  /** Address of element (0, 0) of a tensor in a device's memory. */
  static long address(Tensor t) {
    if (!t.onDevice()) {
      throw new IllegalStateException("the CUDA kernels need memory of the device, got " + t);
    }
    return t.address();
  }
}
