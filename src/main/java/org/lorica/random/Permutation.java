package org.lorica.random;

/**
 * A keyed permutation of 0 … n−1. Small ones are drawn exactly (Fisher–Yates, a table of n
 * numbers); larger ones are a Feistel network with cycle walking (Black and Rogaway, CT-RSA 2002),
 * computed where asked: no memory, whatever n.
 */
public final class Permutation {
  /** Up to this size the permutation is a table. */
  static final int TABLE = 1 << 16;

  private static final int FEISTEL_ROUNDS = 8;

  private final int size;
  private final int[] table;
  private final int halfBits;
  private final long[] roundKeys;

  private Permutation(int size, int[] table, int halfBits, long[] roundKeys) {
    this.size = size;
    this.table = table;
    this.halfBits = halfBits;
    this.roundKeys = roundKeys;
  }

  /** The permutation of {@code size} numbers under a key. */
  public static Permutation of(DrawKey key, int size) {
    if (size < 0) {
      throw new IllegalArgumentException("a permutation's size must be >= 0, got " + size);
    }
    return size <= TABLE
        ? new Permutation(size, key.draws().permutation(size), 0, new long[0])
        : feistel(key, size);
  }

  /** The computed kind at any size; for tests too. */
  static Permutation feistel(DrawKey key, int size) {
    int bits = Math.max(2, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, size - 1)));
    Draws draws = key.draws();
    long[] keys = new long[FEISTEL_ROUNDS];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = draws.bits(63);
    }
    return new Permutation(size, new int[0], (bits + 1) / 2, keys);
  }

  public int size() {
    return size;
  }

  /** The number at {@code position}, 0 ≤ position &lt; size. */
  public int at(int position) {
    if (position < 0 || position >= size) {
      throw new IndexOutOfBoundsException(
          "position must be 0 to " + (size - 1) + ", got " + position);
    }
    if (roundKeys.length == 0) {
      return table[position];
    }
    long value = position;
    do {
      value = network(value);
    } while (value >= size); // at most 8 times as many points as wanted: a few walks
    return (int) value;
  }

  private long network(long value) {
    long mask = (1L << halfBits) - 1;
    long left = value >>> halfBits;
    long right = value & mask;
    for (long roundKey : roundKeys) {
      long next = left ^ (mix(right ^ roundKey) & mask);
      left = right;
      right = next;
    }
    return (left << halfBits) | right;
  }

  /** SplitMix64's finalizer: every bit of the answer depends on every bit of the question. */
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
