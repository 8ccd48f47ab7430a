package org.lorica.testing;

import java.util.stream.LongStream;

/** Seeds for randomised tests; the test's display name shows which one ran. */
public final class Seeds {
  private Seeds() {}

  public static LongStream twenty() {
    return LongStream.rangeClosed(1, 20);
  }
}
