package org.lorica.strategy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;

/**
 * One factor of every module, the same at every step of the round.
 *
 * @param trained by the module's full name
 * @param lossCurvatureGroups no part of the digest: what is measured changes no draw
 */
record PerModulePlan(SortedMap<String, Role> trained, List<List<Integer>> lossCurvatureGroups)
    implements LocalPlan {
  PerModulePlan {
    lossCurvatureGroups = lossCurvatureGroups.stream().map(List::copyOf).toList();
    trained = Collections.unmodifiableSortedMap(new TreeMap<>(trained));
  }

  /**
   * The plan in which every layer trains its factor.
   *
   * @param modes A or B for every layer
   */
  static PerModulePlan of(AdapterLayout layout, Layers layers, List<Role> modes) {
    TreeMap<String, Role> trained = new TreeMap<>();
    for (int l = 0; l < layers.count(); l++) {
      for (int m : layers.modules().get(l)) {
        trained.put(layout.modules().get(m).name(), modes.get(l));
      }
    }
    return new PerModulePlan(trained, List.of());
  }

  /** The same plan, whose clients measure along each of {@code groups}. */
  PerModulePlan measuring(List<List<Integer>> groups) {
    return new PerModulePlan(trained, groups);
  }

  @Override
  public boolean trains(TensorSlot slot, int step) {
    return slot.role() == Role.HEAD || trained.get(slot.module()) == slot.role();
  }

  @Override
  public long digest() {
    LongStream own = LongStream.of(5); // 4: AlternatingPlan
    return LocalPlan.digestOf(
        LongStream.concat(own, trained.entrySet().stream().flatMapToLong(PerModulePlan::numbers))
            .toArray());
  }

  private static LongStream numbers(Map.Entry<String, Role> entry) {
    return LongStream.of(entry.getKey().hashCode(), entry.getValue() == Role.B ? 1 : 2);
  }
}
