package org.lorica.random;

/**
 * Philox4x32-10: a keyed bijection of 128-bit counters (Salmon, Moraes, Dror and Shaw, SC 2011).
 */
final class Philox {
  private static final long M0 = 0xD2511F53L;
  private static final long M1 = 0xCD9E8D57L;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long MASK = 0xFFFFFFFFL;

  private Philox() {}

  /**
   * One block: the counter (c0, c1 | c2, c3 packed low word first) under the 64-bit key; result in
   * {@code out[0..1]}.
   */
  static void block(long counterLow, long counterHigh, long key, long[] out) {
    int c0 = (int) counterLow;
    int c1 = (int) (counterLow >>> 32);
    int c2 = (int) counterHigh;
    int c3 = (int) (counterHigh >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int i = 0; i < ROUNDS; i++) {
      long p0 = M0 * (c0 & MASK);
      long p1 = M1 * (c2 & MASK);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = (c0 & MASK) | ((long) c1 << 32);
    out[1] = (c2 & MASK) | ((long) c3 << 32);
  }
}
