package org.lorica.privacy;

import org.lorica.random.Draws;

/**
 * Exact draws of the discrete Gaussian on the integers, P[x] ∝ e^(−x²/2s²), with s = 2^scaleBits
 * (Canonne, Kamath and Steinke, arXiv 2004.00010, algorithms 1 to 3). Only integers are drawn and
 * compared: no floating-point number is involved. The Laplace proposal has scale s instead of ⌊s⌋ +
 * 1, which any scale may be, so that every probability has a power of two below the line.
 *
 * @param scaleBits in 1 … 20
 */
public record DiscreteGaussian(int scaleBits) {
  /** Draws beyond s·2^10 have probability below e^(−2^19) and would overflow a long. */
  private static final int FAR = 10;

  public DiscreteGaussian {
    if (scaleBits < 1 || scaleBits > 20) {
      throw new IllegalArgumentException("scaleBits must be in 1..20, got " + scaleBits);
    }
  }

  public long sample(Draws draws) {
    long scale = 1L << scaleBits;
    while (true) {
      long proposal = laplace(draws);
      long distance = Math.abs(Math.abs(proposal) - scale);
      if (distance >> (scaleBits + FAR) != 0) {
        continue;
      }
      // e^(−γ) with γ = (|Y| − s)²/(2s²)
      if (bernoulliExp(draws, distance * distance, 2 * scaleBits + 1)) {
        return proposal;
      }
    }
  }

  /** Discrete Laplace of scale s: P[x] ∝ e^(−|x|/s). */
  private long laplace(Draws draws) {
    while (true) {
      long low = draws.bits(scaleBits);
      if (!bernoulliExp(draws, low, scaleBits)) {
        continue;
      }
      long high = 0;
      while (bernoulliExpMinusOne(draws)) {
        high++;
      }
      long size = low + (high << scaleBits);
      boolean negative = draws.bits(1) == 1;
      if (negative && size == 0) {
        continue; // zero would count twice
      }
      return negative ? -size : size;
    }
  }

  /** True with probability e^(−numerator/2^bits). */
  private static boolean bernoulliExp(Draws draws, long numerator, int bits) {
    for (long whole = numerator >> bits; whole > 0; whole--) {
      if (!bernoulliExpMinusOne(draws)) {
        return false;
      }
    }
    long rest = numerator & ((1L << bits) - 1);
    // e^(−γ) = P[the first K with a failure of Bernoulli(γ/K) is odd], γ in [0, 1)
    int k = 1;
    while (draws.bits(bits) < rest && draws.below(k) == 0) {
      k++;
    }
    return k % 2 == 1;
  }

  private static boolean bernoulliExpMinusOne(Draws draws) {
    int k = 1;
    while (draws.below(k) == 0) {
      k++;
    }
    return k % 2 == 1;
  }
}
