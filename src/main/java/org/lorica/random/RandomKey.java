package org.lorica.random;

import java.io.Serializable;

/**
 * A key from which draws are computed, never a generator with a state: key → words → uniforms and
 * Gaussians, each a pure function of (key, index). Child keys are made by {@link #with}; the same
 * path gives the same bits on every machine.
 */
public record RandomKey(long high, long low) implements Serializable {

  /** The root of a run. */
  public static RandomKey root(long seed) {
    throw new IllegalStateException();
  }

  /** Key for a purpose. */
  public RandomKey with(Purpose purpose) {
    throw new IllegalStateException();
  }

  /** Key for a round, client, step, tensor or digest number. Order matters. */
  public RandomKey with(long part) {
    throw new IllegalStateException();
  }

  /** The 64 bits at {@code index}. */
  public long bits(long index) {
    throw new IllegalStateException();
  }

  /** Uniform in [0, 1), 53 bits. */
  public double uniform(long index) {
    throw new IllegalStateException();
  }

  /** Standard normal. */
  public double gaussian(long index) {
    throw new IllegalStateException();
  }

  /** Uniform integer in [0, bound). */
  public int integer(long index, int bound) {
    throw new IllegalStateException();
  }

  /** A permutation of 0 … n−1. */
  public int[] permutation(int n) {
    throw new IllegalStateException();
  }

  /**
   * values[i] += scale·gaussian(i) for all i; the fast way to the same bits as {@link #gaussian}.
   */
  public void addGaussiansInPlace(double scale, double[] values) {
    throw new IllegalStateException();
  }
}
