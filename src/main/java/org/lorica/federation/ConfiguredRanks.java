package org.lorica.federation;

import java.util.List;
import java.util.Map;
import org.lorica.config.LoraConfig;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRanks;

/** What {@code lora.rank}, {@code lora.alpha} and their patterns say of a model's modules. */
final class ConfiguredRanks {
  private ConfiguredRanks() {}

  static LoraRanks of(LoraConfig lora) {
    return new LoraRanks(
        lora.rank(),
        lora.alpha(),
        lora.scaling() == LoraConfig.Scaling.RANK_STABILIZED
            ? LoraRanks.Divisor.ROOT_OF_RANK
            : LoraRanks.Divisor.RANK,
        lora.patterns().rank(),
        lora.patterns().alpha());
  }

  /**
   * Every key must name an adapted module, and all keys that name the same one the same number:
   * sections of a configuration have no order. No rank may exceed a module's smaller side.
   */
  static void requireFitting(LoraRanks ranks, List<LoraModule> targets) {
    requireSense("lora.rank-pattern", ranks.rankPattern(), targets);
    requireSense("lora.alpha-pattern", ranks.alphaPattern(), targets);
    targets.forEach(module -> requireRank(module, ranks));
  }

  private static void requireSense(
      String section, Map<String, ?> pattern, List<LoraModule> targets) {
    for (String key : pattern.keySet()) {
      if (targets.stream().noneMatch(m -> LoraRanks.matches(key, m.name()))) {
        throw new IllegalArgumentException(
            section
                + ": no adapted module's name ends with \""
                + key
                + "\" after a dot; adapted are "
                + targets.stream().map(LoraModule::name).toList());
      }
    }
    for (LoraModule module : targets) {
      List<String> keys =
          pattern.keySet().stream().filter(key -> LoraRanks.matches(key, module.name())).toList();
      if (keys.stream().map(pattern::get).distinct().count() > 1) {
        throw new IllegalArgumentException(
            section + ": expected one number for " + module.name() + ", found those of " + keys);
      }
    }
  }

  private static void requireRank(LoraModule module, LoraRanks ranks) {
    int widest = Math.min(module.out(), module.in());
    int rank = ranks.of(module.name()).rank();
    if (rank > widest) {
      boolean own =
          ranks.rankPattern().keySet().stream()
              .anyMatch(key -> LoraRanks.matches(key, module.name()));
      throw new IllegalArgumentException(
          (own ? "lora.rank-pattern" : "lora.rank")
              + " must be <= "
              + widest
              + ", the smaller side of "
              + module.name()
              + " ("
              + module.out()
              + " x "
              + module.in()
              + "), got "
              + rank);
    }
  }
}
