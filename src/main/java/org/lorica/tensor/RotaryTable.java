package org.lorica.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lorica.tensor.vector.Span;
import org.lorica.tensor.vector.VectorRotation;

/**
 * Cosines and sines of a rotary embedding for the positions up to a bound, computed once a JVM:
 * they cost more than the turns themselves.
 */
final class RotaryTable {
  private static final Map<Rotary, RotaryTable> KNOWN = new ConcurrentHashMap<>();

  private final VectorRotation rotation;
  private final float[] cosines; // position · pitch + element
  private final float[] sines; // with the sign that its element's partner takes

  private RotaryTable(Rotary rotary, int positions) {
    rotation = new VectorRotation(rotary.headWidth());
    int pitch = rotation.pitch();
    int half = rotary.headWidth() / 2;
    cosines = new float[positions * pitch];
    sines = new float[positions * pitch];
    int sign = rotary.direction() == Rotary.Direction.FORWARD ? 1 : -1;
    for (int i = 0; i < pitch; i++) {
      int element = i % rotary.headWidth();
      double frequency = rotary.frequency(element % half);
      int own = element < half ? -sign : sign;
      for (int position = 0; position < positions; position++) {
        cosines[position * pitch + i] = (float) Math.cos(position * frequency);
        sines[position * pitch + i] = (float) (own * Math.sin(position * frequency));
      }
    }
  }

  /** A table that holds all of the positions. */
  static RotaryTable upTo(Rotary rotary, int[] positions) {
    int most = 1;
    for (int position : positions) {
      most = Math.max(most, position + 1);
    }
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
    return cosines.length / rotation.pitch();
  }

  /** Turns all heads of a row. */
  void turn(int position, Span row) {
    rotation.turn(cosines, sines, position * rotation.pitch(), row);
  }
}
