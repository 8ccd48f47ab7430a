package org.lorica.tensor.vector;

import java.nio.ByteBuffer;

/** A movable window of adjacent floats in native memory: one row of a matrix. */
public final class Span {
  private ByteBuffer bytes;
  private int length;
  private int offset;

  /** A window that has to be placed with {@link #set} before use. */
  public Span() {}

  /**
   * A window.
   *
   * @param bytes native byte order
   * @param offset of the first float, in bytes
   * @param length in floats
   */
  public Span(ByteBuffer bytes, int offset, int length) {
    set(bytes, offset, length);
  }

  /** Places the window anew. */
  public void set(ByteBuffer memory, int firstByte, int floats) {
    bytes = memory;
    offset = firstByte;
    length = floats;
  }

  /** Places the window on a part of another one. */
  void set(Span whole, int from, int floats) {
    set(whole.bytes, whole.offset + from * Float.BYTES, floats);
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
