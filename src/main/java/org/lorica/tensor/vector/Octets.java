package org.lorica.tensor.vector;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of eight floats in an array that grows to the largest count seen. Whole vectors move also
 * where they are wider than a row, since the compiler boxes where it meets vectors of two widths;
 * what follows a row in the array is unspecified until the next row is written.
 */
final class Octets {
  static final int WIDTH = 8;
  private static final int LANES = VectorMath.LANES.length();
  private static final VectorSpecies<Integer> INTS =
      VectorMath.LANES.vectorShape().withLanes(int.class);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final int[] OWN = new int[LANES]; // all bits in the lanes of a row

  static {
    Arrays.fill(OWN, 0, Math.min(WIDTH, LANES), -1);
  }

  private final int pitch;
  private float[] rows = {};

  /**
   * Rows in an array.
   *
   * @param pitch floats from one row to the next: eight, or a vector's lanes
   */
  Octets(int pitch) {
    this.pitch = pitch;
  }

  float[] array() {
    return rows;
  }

  void reserve(int count) {
    int wanted = count * pitch + LANES;
    if (rows.length < wanted) {
      rows = new float[wanted];
    }
  }

  /** Reads factor times the rows; 0 in the rows up to {@code padded}, and all 0 if factor is. */
  void read(NarrowAttention.Rows from, float factor, int padded) {
    reserve(padded);
    int read = factor == 0 ? 0 : from.count();
    if (read > 0) {
      copyIn(from, factor);
    }
    Arrays.fill(rows, read * pitch, padded * pitch, 0);
  }

  private void copyIn(NarrowAttention.Rows from, float factor) {
    ByteBuffer bytes = from.first().bytes();
    int whole = wholeVectors(from);
    int at = from.first().offset();
    FloatVector factors = FloatVector.broadcast(VectorMath.LANES, factor);
    for (int i = 0; i < whole; i++) {
      FloatVector x = FloatVector.fromByteBuffer(VectorMath.LANES, bytes, at, ORDER);
      x.mul(factors).intoArray(rows, i * pitch);
      at += from.stride() * Float.BYTES;
    }
    for (int i = whole; i < from.count(); i++) {
      for (int d = 0; d < WIDTH; d++) {
        rows[i * pitch + d] = factor * bytes.getFloat(at + d * Float.BYTES);
      }
      at += from.stride() * Float.BYTES;
    }
  }

  /** How many rows have a whole vector's floats between their start and the memory's end. */
  private static int wholeVectors(NarrowAttention.Rows rows) {
    int room = rows.first().bytes().limit() - rows.first().offset() - LANES * Float.BYTES;
    if (room < 0) {
      return 0;
    }
    return Math.min(rows.count(), room / Math.max(1, rows.stride() * Float.BYTES) + 1);
  }

  void write(NarrowAttention.Rows to) {
    ByteBuffer bytes = to.first().bytes();
    int whole = wholeVectors(to);
    int at = to.first().offset();
    IntVector own = IntVector.fromArray(INTS, OWN, 0);
    for (int i = 0; i < whole; i++) {
      IntVector old =
          FloatVector.fromByteBuffer(VectorMath.LANES, bytes, at, ORDER).reinterpretAsInts();
      IntVector x = FloatVector.fromArray(VectorMath.LANES, rows, i * pitch).reinterpretAsInts();
      IntVector mixed = old.lanewise(VectorOperators.XOR, x).and(own);
      mixed
          .lanewise(VectorOperators.XOR, old)
          .reinterpretAsFloats()
          .intoByteBuffer(bytes, at, ORDER);
      at += to.stride() * Float.BYTES;
    }
    for (int i = whole; i < to.count(); i++) {
      for (int d = 0; d < WIDTH; d++) {
        bytes.putFloat(at + d * Float.BYTES, rows[i * pitch + d]);
      }
      at += to.stride() * Float.BYTES;
    }
  }

  /** across (8 × lanes) = the rows from {@code first} on, transposed. */
  void transpose(int first, float[] across) {
    for (int lane = 0; lane < LANES; lane++) {
      int at = (first + lane) * pitch;
      for (int d = 0; d < WIDTH; d++) {
        across[d * LANES + lane] = rows[at + d];
      }
    }
  }

  /** Each row from {@code first} on times a lane. */
  void scaleRows(int first, float[] factors) {
    for (int lane = 0; lane < LANES; lane++) {
      int at = (first + lane) * pitch;
      for (int d = 0; d < WIDTH; d++) {
        rows[at + d] *= factors[lane];
      }
    }
  }

  /** The reverse of {@link #transpose}. */
  void setTransposed(int first, float[] across) {
    for (int lane = 0; lane < LANES; lane++) {
      int at = (first + lane) * pitch;
      for (int d = 0; d < WIDTH; d++) {
        rows[at + d] = across[d * LANES + lane];
      }
    }
  }
}
