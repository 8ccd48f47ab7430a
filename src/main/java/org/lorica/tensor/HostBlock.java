package org.lorica.tensor;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One contiguous piece of ND4J's off-heap memory, seen as an INDArray and as bytes. */
final class HostBlock implements Block {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final LongAdder BYTES = new LongAdder();

  private final Precision precision;
  private final INDArray array;
  private final Pointer base;
  private final ByteBuffer bytes;
  private final FloatBuffer floats; // the same, where it holds floats
  private final Cleaner.Cleanable counted;

  HostBlock(Precision precision, int elements) {
    if (elements <= 0 || (long) elements * precision.bytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a block must hold 1 to "
              + Integer.MAX_VALUE / precision.bytes()
              + " elements, got "
              + elements);
    }
    this.precision = precision;
    DataType type = precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
    this.array = Nd4j.create(type, elements);
    this.base = array.data().addressPointer();
    this.bytes =
        new BytePointer(base)
            .position(0)
            .capacity((long) elements * precision.bytes())
            .asByteBuffer()
            .order(ByteOrder.nativeOrder());
    this.floats = bytes.asFloatBuffer();
    long size = (long) elements * precision.bytes();
    BYTES.add(size);
    this.counted = CLEANER.register(this, () -> BYTES.add(-size));
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public int elements() {
    return Math.toIntExact(array.length());
  }

  INDArray array() {
    return array;
  }

  @Override
  public long address(int offset) {
    return base.address() + (long) offset * precision.bytes();
  }

  ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public double at(int offset) {
    int index = offset * precision.bytes();
    return precision == Precision.FLOAT32 ? bytes.getFloat(index) : bytes.getDouble(index);
  }

  @Override
  public void set(int offset, double value) {
    int index = offset * precision.bytes();
    if (precision == Precision.FLOAT32) {
      bytes.putFloat(index, (float) value);
    } else {
      bytes.putDouble(index, value);
    }
  }

  @Override
  public void write(int offset, float[] source, int from, int count) {
    if (precision == Precision.FLOAT32) {
      floats.put(offset, source, from, count);
    } else {
      for (int i = 0; i < count; i++) {
        bytes.putDouble((offset + i) * Double.BYTES, source[from + i]);
      }
    }
  }

  @Override
  public void read(int offset, float[] target, int from, int count) {
    if (precision == Precision.FLOAT32) {
      floats.get(offset, target, from, count);
    } else {
      for (int i = 0; i < count; i++) {
        target[from + i] = (float) bytes.getDouble((offset + i) * Double.BYTES);
      }
    }
  }

  @Override
  public void free() {
    array.close();
    counted.clean();
  }

  /** Bytes of all blocks that are still in use. */
  static long bytesOfAll() {
    return BYTES.sum();
  }
}
