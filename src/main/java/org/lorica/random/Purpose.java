package org.lorica.random;

/**
 * What a draw is for: part of every key, so that no two uses share bits. The order is part of the
 * format.
 */
public enum Purpose {
  ADAPTER_INIT,
  PARTITION,
  COHORT,
  SAMPLING,
  NOISE,
  RANGE_SKETCH,
  MODE_SELECTION,
  DATA_SPLIT,
  MODEL_INIT,
  RESEED,
  CANARY,
  SHUFFLE
}
