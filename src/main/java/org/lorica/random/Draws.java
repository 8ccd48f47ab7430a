package org.lorica.random;

/** A sequence of independent draws; not safe for use by several threads at once. */
public interface Draws {

  /** The next {@code count} random bits as a number in [0, 2^count), count in 1 … 63. */
  long bits(int count);

  /** Uniform in [0, 1), 53 bits. */
  default double uniform() {
    return bits(53) * 0x1p-53;
  }

  /** Uniform in 0 … bound−1, without bias. */
  default long below(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be > 0, got " + bound);
    }
    int width = 64 - Long.numberOfLeadingZeros(bound - 1);
    if (width == 0) {
      return 0;
    }
    long value = bits(width);
    while (value >= bound) {
      value = bits(width);
    }
    return value;
  }

  /** A permutation of 0 … n−1 (Fisher–Yates). */
  default int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = (int) below(i + 1L);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
