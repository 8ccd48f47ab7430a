package org.lorica.tensor.cuda;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.Tensor;

/**
 * Cosines and sines of rotary embeddings on the device, for the positions up to a bound: positions
 * × pairs of a head. Computed in double on the host, once a device.
 */
final class RotaryAngles {

  record Table(Tensor cosines, Tensor sines) {}

  private final Arena arena;
  private final Map<Rotary, Table> known = new HashMap<>(); // the direction is a sign of the sines

  RotaryAngles(Arena arena) {
    this.arena = arena;
  }

  /** A table that holds all of the positions. */
  synchronized Table upTo(Rotary rotary, int[] positions) {
    int most = Arrays.stream(positions).max().orElse(0) + 1;
    Rotary kind = rotary.turning(Rotary.Direction.FORWARD);
    Table table = known.get(kind);
    if (table == null || table.cosines().rows() < most) {
      table = table(kind, Integer.highestOneBit(most) << 1); // few rebuilds while sequences grow
      known.put(kind, table);
    }
    return table;
  }

  private Table table(Rotary kind, int positions) {
    int half = kind.headWidth() / 2;
    float[] cosines = new float[positions * half];
    float[] sines = new float[positions * half];
    for (int pair = 0; pair < half; pair++) {
      double frequency = kind.frequency(pair);
      for (int position = 0; position < positions; position++) {
        cosines[position * half + pair] = (float) Math.cos(position * frequency);
        sines[position * half + pair] = (float) Math.sin(position * frequency);
      }
    }
    Table table = new Table(arena.allocate(positions, half), arena.allocate(positions, half));
    table.cosines().write(cosines, 0);
    table.sines().write(sines, 0);
    return table;
  }
}
