package org.lorica.random;

/**
 * A key from which draws are computed, never a generator with a state: key → words → uniforms and
 * Gaussians, each a pure function of (key, index), by Philox4x32-10. Child keys are made by {@link
 * #with}; the same path gives the same bits on every machine, so a retried or moved task draws the
 * same noise. The seed is 64 bits: for reproducible simulation, not for secrecy.
 *
 * @param high upper half of the counter of every block: what tells children apart beside {@code
 *     low}
 * @param low the block cipher's key
 */
public record RandomKey(long high, long low) implements DrawKey {
  private static final long DRAW = 0;
  private static final long PART = 1L << 62;
  private static final long PURPOSE = 2L << 62;

  /** The root of a run. */
  public static RandomKey root(long seed) {
    return new RandomKey(0, seed).derive(PURPOSE, -1);
  }

  @Override
  public RandomKey with(Purpose purpose) {
    return derive(PURPOSE, purpose.code());
  }

  @Override
  public RandomKey with(long part) {
    return derive(PART, part);
  }

  /** Both halves of a block whose counter holds the domain, this key's tag and the part. */
  private RandomKey derive(long domain, long part) {
    long[] out = new long[2];
    Philox.block(part, (high >>> 2) | domain, low, out);
    return new RandomKey(out[0], out[1]);
  }

  private void words(long block, long[] out) {
    Philox.block(block, (high >>> 2) | DRAW, low, out);
  }

  /** The 64 bits at {@code index}. */
  public long bits(long index) {
    long[] out = new long[2];
    words(index >>> 1, out);
    return out[(int) (index & 1)];
  }

  /** One word a draw: the i-th draw is made of {@link #bits} i. */
  @Override
  public Draws draws() {
    long[] next = {0};
    return count -> {
      if (count < 1 || count > 63) {
        throw new IllegalArgumentException("count must be in 1..63, got " + count);
      }
      return bits(next[0]++) >>> (Long.SIZE - count);
    };
  }

  /** Uniform in [0, 1), 53 bits. */
  public double uniform(long index) {
    return (bits(index) >>> 11) * 0x1p-53;
  }

  /**
   * Standard normal: Box–Muller on the two words of block index/2, cosine for even and sine for odd
   * indices.
   */
  public double gaussian(long index) {
    long[] out = new long[2];
    words(index >>> 1, out);
    double radius = radius(out[0]);
    double angle = angle(out[1]);
    return radius * ((index & 1) == 0 ? Math.cos(angle) : Math.sin(angle));
  }

  /** √(−2 ln u) with u in (0, 1]. */
  private static double radius(long word) {
    return Math.sqrt(-2 * Math.log(((word >>> 11) + 1) * 0x1p-53));
  }

  private static double angle(long word) {
    return 2 * Math.PI * ((word >>> 11) * 0x1p-53);
  }

  /** Uniform integer in [0, bound); the bias is below bound·2^-63. */
  public int integer(long index, int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be > 0, got " + bound);
    }
    return (int) Math.multiplyHigh(bits(index) >>> 1, 2L * bound);
  }

  /** A permutation of 0 … n−1 (Fisher–Yates). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = integer(i, i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * values[i] += scale·gaussian(i) for all i; the fast way to the same bits as {@link #gaussian}.
   */
  public void addGaussiansInPlace(double scale, double[] values) {
    long[] out = new long[2];
    for (int i = 0; i < values.length; i += 2) {
      words(i >>> 1, out);
      double radius = radius(out[0]);
      double angle = angle(out[1]);
      values[i] += scale * (radius * Math.cos(angle));
      if (i + 1 < values.length) {
        values[i + 1] += scale * (radius * Math.sin(angle));
      }
    }
  }
}
