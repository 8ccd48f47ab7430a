package org.lorica.strategy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.StrategyState;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;

/**
 * How often every layer trained each factor, and the longest time that it did not: AS-LoRA (arXiv
 * 2605.05769) can starve one. Of public quantities only.
 */
final class FactorShares {
  private static final String ROUNDS = "rounds";
  private static final String OF_A = "a";
  private static final String OF_B = "b";

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

  /** All counts, for a run that may have to go on. */
  StrategyState state() {
    return StrategyState.NONE
        .with(ROUNDS, List.of((double) rounds))
        .with(OF_A, numbers(a))
        .with(OF_B, numbers(b));
  }

  /** Takes counts over, those that {@link #state} gave. */
  void restore(StrategyState state) {
    rounds = state.values().getOrDefault(ROUNDS, List.of(0.0)).get(0).intValue();
    restore(a, state.values().getOrDefault(OF_A, List.of()));
    restore(b, state.values().getOrDefault(OF_B, List.of()));
  }

  private static List<Double> numbers(List<Count> counts) {
    List<Double> numbers = new ArrayList<>();
    for (Count count : counts) {
      numbers.addAll(
          List.of((double) count.trained, (double) count.waiting, (double) count.longest));
    }
    return numbers;
  }

  private static void restore(List<Count> counts, List<Double> numbers) {
    counts.clear();
    for (int i = 0; i < numbers.size(); i += 3) {
      Count count = new Count();
      count.trained = numbers.get(i).intValue();
      count.waiting = numbers.get(i + 1).intValue();
      count.longest = numbers.get(i + 2).intValue();
      counts.add(count);
    }
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
