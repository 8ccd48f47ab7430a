package org.lorica.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cosines and sines of a rotary embedding for the positions up to a bound, computed once a JVM:
 * they cost more than the turns themselves.
 */
final class RotaryTable {
  private static final Map<Rotary, RotaryTable> KNOWN = new ConcurrentHashMap<>();

  private final int half;
  private final float[] cosines; // position · half + pair
  private final float[] sines;

  private RotaryTable(Rotary rotary, int positions) {
    half = rotary.headWidth() / 2;
    cosines = new float[positions * half];
    sines = new float[positions * half];
    int sign = rotary.direction() == Rotary.Direction.FORWARD ? 1 : -1;
    for (int pair = 0; pair < half; pair++) {
      double frequency = Math.pow(rotary.theta(), -2.0 * pair / rotary.headWidth());
      for (int position = 0; position < positions; position++) {
        cosines[position * half + pair] = (float) Math.cos(position * frequency);
        sines[position * half + pair] = (float) (sign * Math.sin(position * frequency));
      }
    }
  }

  /** A table that holds all of the positions. */
  static RotaryTable upTo(Rotary rotary, int[] positions) {
    int most = Arrays.stream(positions).max().orElse(0) + 1;
    RotaryTable table = KNOWN.get(rotary);
    if (table == null || table.positions() < most) {
      int reserve = Integer.highestOneBit(most) << 1; // few rebuilds while sequences grow
      table = KNOWN.merge(rotary, new RotaryTable(rotary, reserve), RotaryTable::longer);
    }
    return table;
  }

  private static RotaryTable longer(RotaryTable a, RotaryTable b) {
    return a.positions() >= b.positions() ? a : b;
  }

  private int positions() {
    return cosines.length / half;
  }

  /** Turns the head of floats that starts at byte {@code at}. */
  void turn(int position, ByteBuffer bytes, int at) {
    int angle = position * half;
    for (int pair = 0; pair < half; pair++) {
      int first = at + pair * Float.BYTES;
      int second = first + half * Float.BYTES;
      float a = bytes.getFloat(first);
      float b = bytes.getFloat(second);
      float cosine = cosines[angle + pair];
      float sine = sines[angle + pair];
      bytes.putFloat(first, a * cosine - b * sine);
      bytes.putFloat(second, b * cosine + a * sine);
    }
  }
}
