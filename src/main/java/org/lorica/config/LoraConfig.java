package org.lorica.config;

import static org.lorica.config.Checks.positive;

import java.util.List;
import java.util.Optional;

/**
 * lorica.lora.{rank, alpha, scaling, target-modules, rank-pattern, alpha-pattern} and
 * lorica.adapter.init.
 */
public record LoraConfig(
    int rank,
    double alpha,
    Scaling scaling,
    List<String> targetModules,
    RankPatterns patterns,
    Optional<String> init) {
  public enum Scaling {
    STANDARD,
    RANK_STABILIZED
  }

  public LoraConfig {
    positive("lorica.lora.rank", rank);
    positive("lorica.lora.alpha", alpha);
    targetModules = List.copyOf(targetModules);
  }
}
