package org.lorica.tensor.cuda;

import java.lang.ref.Cleaner;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.lorica.tensor.Block;
import org.lorica.tensor.Precision;

/** Device memory of floats. It is given back when nothing uses the block any more. */
final class DeviceBlock implements Block {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Supplier<CudaStream> stream; // the calling thread's
  private final int elements;
  private final long address;
  private final Cleaner.Cleanable memory;

  DeviceBlock(CudaDriver driver, Supplier<CudaStream> stream, int elements) {
    if (elements <= 0) {
      throw new IllegalArgumentException("a block must hold > 0 elements, got " + elements);
    }
    this.stream = stream;
    this.elements = elements;
    long reserved = driver.allocate((long) elements * Float.BYTES);
    this.address = reserved;
    this.memory = CLEANER.register(this, () -> driver.free(reserved));
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public int elements() {
    return elements;
  }

  @Override
  public long address(int offset) {
    return address + (long) offset * Float.BYTES;
  }

  @Override
  public double at(int offset) {
    float[] one = new float[1];
    read(offset, one, 0, 1);
    return one[0];
  }

  @Override
  public void set(int offset, double value) {
    write(offset, new float[] {(float) value}, 0, 1);
  }

  @Override
  public void write(int offset, float[] source, int from, int count) {
    try (FloatPointer host = new FloatPointer(count)) {
      host.put(source, from, count);
      stream.get().upload(host, address(offset), (long) count * Float.BYTES);
      stream.get().finish(); // other threads may read at once, on streams of their own
    }
  }

  @Override
  public void read(int offset, float[] target, int from, int count) {
    try (FloatPointer host = new FloatPointer(count)) {
      stream.get().download(address(offset), host, (long) count * Float.BYTES);
      host.get(target, from, count);
    }
  }

  @Override
  public void free() {
    memory.clean();
  }
}
