package org.lorica.tensor;

/**
 * Element type of off-heap memory. The plain kernels take both; the fast ones take {@code FLOAT32}
 * only.
 */
public enum Precision {
  FLOAT32(4),
  FLOAT64(8);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }
}
