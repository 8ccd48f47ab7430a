package org.lorica.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One contiguous piece of ND4J's off-heap memory, seen as an INDArray and as bytes. */
final class Block {
  private final Precision precision;
  private final INDArray array;
  private final Pointer base;
  private final ByteBuffer bytes;

  Block(Precision precision, int elements) {
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
  }

  Precision precision() {
    return precision;
  }

  int elements() {
    return Math.toIntExact(array.length());
  }

  INDArray array() {
    return array;
  }

  /** Address of element {@code offset}. */
  long address(int offset) {
    return base.address() + (long) offset * precision.bytes();
  }

  ByteBuffer bytes() {
    return bytes;
  }
}
