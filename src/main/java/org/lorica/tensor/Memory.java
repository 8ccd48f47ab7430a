package org.lorica.tensor;

/** Where blocks come from: the host's memory, or a device's. */
public interface Memory {

  /**
   * A block of unspecified content.
   *
   * @param elements number of elements, &gt; 0
   * @throws DeviceMemoryException if a device has no more memory
   */
  Block reserve(Precision precision, int elements);

  /**
   * Bytes that can still be reserved; {@link Long#MAX_VALUE} where nobody knows.
   *
   * @param wanted bytes for which what is no longer used is collected first
   */
  default long available(long wanted) {
    return Long.MAX_VALUE;
  }
}
