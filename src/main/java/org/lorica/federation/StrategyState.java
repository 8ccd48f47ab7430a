package org.lorica.federation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a method remembers from round to round: named lists of finite numbers, which any store can
 * hold. Immutable; a strategy itself has no memory.
 */
public record StrategyState(SortedMap<String, List<Double>> values) implements Serializable {
  /** Nothing remembered yet. */
  public static final StrategyState NONE = new StrategyState(new TreeMap<>());

  public StrategyState {
    TreeMap<String, List<Double>> copy = new TreeMap<>();
    for (Map.Entry<String, List<Double>> entry : values.entrySet()) {
      for (double value : entry.getValue()) {
        if (!Double.isFinite(value)) {
          throw new IllegalArgumentException(
              "a strategy's state must be finite, got "
                  + value
                  + " in "
                  + entry.getKey()
                  + ": training diverged; lower optimizer.learning-rate");
        }
      }
      copy.put(entry.getKey(), List.copyOf(entry.getValue()));
    }
    values = Collections.unmodifiableSortedMap(copy);
  }

  /** The list of that name; {@code size} zeros if there is none. */
  public List<Double> list(String name, int size) {
    List<Double> found = values.getOrDefault(name, Collections.nCopies(size, 0.0));
    if (found.size() != size) {
      throw new IllegalArgumentException(
          "the strategy's state must have "
              + size
              + " values of "
              + name
              + ", got "
              + found.size()
              + ": it belongs to another model or configuration");
    }
    return new ArrayList<>(found);
  }

  /** This state with one list replaced. */
  public StrategyState with(String name, List<Double> list) {
    TreeMap<String, List<Double>> next = new TreeMap<>(values);
    next.put(name, list);
    return new StrategyState(next);
  }
}
