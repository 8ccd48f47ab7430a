package org.lorica.strategy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;

/**
 * How often every layer trained each factor, and the longest time that it did not: AS-LoRA (arXiv
 * 2605.05769) can starve one. Of public quantities only.
 */
final class FactorShares {
  private int rounds = 0;
  private final List<Count> a = new ArrayList<>();
  private final List<Count> b = new ArrayList<>();

  private static final class Count {
    private int trained = 0;
    private int waiting = 0;
    private int longest = 0;

    void add(boolean active) {
      trained += active ? 1 : 0;
      waiting = active ? 0 : waiting + 1;
      longest = Math.max(longest, waiting);
    }
  }

  /** Counts a round; a layer trains a factor if it does at any step, in any of its modules. */
  void add(AdapterLayout layout, LocalPlan plan, int steps) {
    Layers layers = Layers.of(layout, Layers.Granularity.BLOCK);
    while (a.size() < layers.count()) {
      a.add(new Count());
      b.add(new Count());
    }
    for (int l = 0; l < layers.count(); l++) {
      a.get(l).add(trains(layout, layers.slots(l, Role.A), plan, steps));
      b.get(l).add(trains(layout, layers.slots(l, Role.B), plan, steps));
    }
    rounds++;
  }

  private static boolean trains(
      AdapterLayout layout, List<Integer> slots, LocalPlan plan, int steps) {
    List<TensorSlot> all = layout.slots();
    return slots.stream()
        .anyMatch(
            s -> IntStream.rangeClosed(1, steps).anyMatch(step -> plan.trains(all.get(s), step)));
  }

  /** Since the first round that was counted. */
  Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("shareOfRoundsTrainingA", a.stream().map(c -> (double) c.trained / rounds).toList());
    named.put("shareOfRoundsTrainingB", b.stream().map(c -> (double) c.trained / rounds).toList());
    named.put("longestRoundsWithoutA", a.stream().mapToInt(c -> c.longest).max().orElse(0));
    named.put("longestRoundsWithoutB", b.stream().mapToInt(c -> c.longest).max().orElse(0));
    return named;
  }
}
