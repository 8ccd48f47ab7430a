package org.lorica.tensor.vector;

import java.nio.ByteBuffer;

/** A movable window of adjacent floats in native memory: one row of a matrix. */
public final class Span {
  private final ByteBuffer bytes;
  private final int length;
  private int offset;

  /**
   * A window.
   *
   * @param bytes native byte order
   * @param offset of the first float, in bytes
   * @param length in floats
   */
  public Span(ByteBuffer bytes, int offset, int length) {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  /** Moves the window by a number of floats. */
  public void advance(int floats) {
    offset += floats * Float.BYTES;
  }

  /** Floats in the window. */
  public int length() {
    return length;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  int offset() {
    return offset;
  }

  float at(int i) {
    return bytes.getFloat(offset + i * Float.BYTES);
  }

  void set(int i, float value) {
    bytes.putFloat(offset + i * Float.BYTES, value);
  }
}
