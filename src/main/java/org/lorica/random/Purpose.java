package org.lorica.random;

/**
 * What a draw is for: part of every key, so that no two uses share bits. The order is part of the
 * format.
 */
public enum Purpose {
  ADAPTER_INIT(0),
  PARTITION(1),
  COHORT(2),
  SAMPLING(3),
  NOISE(4),
  RANGE_SKETCH(5),
  MODE_SELECTION(6),
  DATA_SPLIT(7),
  MODEL_INIT(8),
  RESEED(9),
  CANARY(10),
  SHUFFLE(11),
  CURVATURE(12);

  private final int code;

  Purpose(int code) {
    this.code = code;
  }

  /** The number that stands for this purpose in a key; never changes. */
  int code() {
    return code;
  }
}
