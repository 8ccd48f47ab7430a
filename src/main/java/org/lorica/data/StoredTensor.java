package org.lorica.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One entry of a safetensors header, checked against the size of the file.
 *
 * @param shape sizes, outermost first
 * @param begin first byte, counted from the end of the header
 */
record StoredTensor(DataType type, List<Integer> shape, long begin, int bytes) {
  int count() {
    return bytes / type.bytes;
  }

  static StoredTensor parse(Path file, String name, JsonNode node, long dataBytes) {
    JsonNode offsets = node.path("data_offsets");
    if (!node.path("dtype").isTextual()
        || !node.path("shape").isArray()
        || offsets.size() != 2
        || !offsets.path(0).isIntegralNumber()
        || !offsets.path(1).isIntegralNumber()) {
      throw SafeTensors.bad(file, "dtype, shape and two data_offsets for " + name, node.toString());
    }
    DataType type = DataType.parse(file, name, node.get("dtype").asText());
    List<Integer> shape = new ArrayList<>();
    for (JsonNode side : node.get("shape")) {
      if (!side.isInt() || side.asInt() < 0) {
        throw SafeTensors.bad(file, "sides >= 0 in the shape of " + name, side.toString());
      }
      shape.add(side.asInt());
    }
    long begin = offsets.get(0).asLong();
    long end = offsets.get(1).asLong();
    if (begin < 0 || end < begin || end > dataBytes) {
      throw SafeTensors.bad(
          file,
          "data_offsets of " + name + " within 0 to " + dataBytes + " (is it truncated?)",
          "[" + begin + ", " + end + "]");
    }
    long wanted = wantedBytes(file, name, shape, type);
    if (end - begin != wanted) {
      throw SafeTensors.bad(
          file,
          wanted + " bytes for " + name + " of shape " + shape + " and type " + type,
          (end - begin) + " bytes");
    }
    return new StoredTensor(type, List.copyOf(shape), begin, (int) wanted);
  }

  private static long wantedBytes(Path file, String name, List<Integer> shape, DataType type) {
    long wanted;
    try {
      wanted = Math.multiplyExact(SafeTensors.count(shape), (long) type.bytes);
    } catch (ArithmeticException e) {
      wanted = Long.MAX_VALUE;
    }
    if (wanted > Integer.MAX_VALUE - 8) {
      throw SafeTensors.bad(
          file, "less than 2 GiB for " + name, "shape " + shape + " of type " + type);
    }
    return wanted;
  }

  /** How an element is stored. */
  enum DataType {
    F32(4),
    F16(2),
    BF16(2),
    F64(8),
    // Integers: index buffers that some models store beside their weights; known, never read.
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    DataType(int bytes) {
      this.bytes = bytes;
    }

    /** Of one value. */
    int bytes() {
      return bytes;
    }

    boolean floating() {
      return compareTo(I64) < 0;
    }

    static DataType parse(Path file, String name, String text) {
      for (DataType type : values()) {
        if (type.name().equals(text)) {
          return type;
        }
      }
      throw SafeTensors.bad(
          file, "one of " + Arrays.toString(values()) + " as dtype of " + name, text);
    }

    float[] decode(ByteBuffer from, int count) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] =
            switch (this) {
              case F32 -> from.getFloat();
              case F64 -> (float) from.getDouble();
              case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
              case F16 -> half(from.getShort());
              case I64, I32, I16, I8, U8, BOOL ->
                  throw new IllegalStateException(this + " is not floating-point");
            };
      }
      return values;
    }

    /** IEEE 754 binary16 to float; every half is a float, so nothing is rounded. */
    private static float half(short bits) {
      int exponent = (bits >> 10) & 0x1f;
      int fraction = bits & 0x3ff;
      float magnitude;
      if (exponent == 0) {
        magnitude = fraction * 0x1p-24f;
      } else if (exponent == 0x1f) {
        magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
      } else {
        magnitude = Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
      }
      return bits < 0 ? -magnitude : magnitude;
    }
  }
}
