package org.lorica.model;

/** Consecutive rows of an activation that belong together: an example's tokens, or a window's. */
final class RowRanges {
  private final int[] starts; // one more than ranges

  private RowRanges(int[] starts) {
    this.starts = starts;
  }

  /** Ranges of the given lengths, one after another. */
  static RowRanges of(int[] lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      starts[i + 1] = Math.addExact(starts[i], lengths[i]);
    }
    return new RowRanges(starts);
  }

  /** Ranges of equal length. */
  static RowRanges equal(int count, int length) {
    int[] starts = new int[count + 1];
    for (int i = 1; i <= count; i++) {
      starts[i] = Math.multiplyExact(i, length);
    }
    return new RowRanges(starts);
  }

  int count() {
    return starts.length - 1;
  }

  /** Rows of all ranges. */
  int rows() {
    return starts[count()];
  }

  int start(int range) {
    return starts[range];
  }

  int length(int range) {
    return starts[range + 1] - starts[range];
  }
}
