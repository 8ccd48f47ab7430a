package org.lorica.privacy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Numbers that this JVM has already computed: ε and σ are pure functions that take up to seconds,
 * and the runs of a comparison ask for the same ones. The oldest are forgotten.
 */
final class Remembered {
  private static final int MOST = 20_000;

  private final Map<Object, Double> known =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Object, Double> eldest) {
              return size() > MOST;
            }
          });

  /** The value of {@code key}; computed, by two threads if need be, where it is not known. */
  double value(Object key, DoubleSupplier compute) {
    Double found = known.get(key);
    if (found == null) {
      found = compute.getAsDouble();
      known.put(key, found);
    }
    return found;
  }
}
