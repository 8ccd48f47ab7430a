package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.notBlank;
import static org.lorica.config.Checks.positive;

import java.util.Optional;

/**
 * lorica.strategy: the method's name and the settings of all methods, by what they are about.
 * Whether the name exists, and what a method cannot do, is for the strategy floor to say.
 */
public record StrategyConfig(String name, Sketch sketch, Alternation alternation) {
  public StrategyConfig {
    notBlank("lorica.strategy.name", name);
  }

  /**
   * lorica.strategy.{oversampling, power-iterations, split, aggregation}; empty = the strategy's
   * own default.
   */
  public record Sketch(
      Optional<Integer> oversampling,
      Optional<Integer> powerIterations,
      Split split,
      Aggregation aggregation) {
    public Sketch {
      oversampling.ifPresent(p -> atLeast(0, "lorica.strategy.oversampling", p));
      powerIterations.ifPresent(p -> atLeast(0, "lorica.strategy.power-iterations", p));
    }
  }

  /** How singular values are shared between the factors. */
  public enum Split {
    BALANCED,
    ORTHONORMAL
  }

  /** How the server finds the sum of products. */
  public enum Aggregation {
    TWO_STAGE,
    CORE
  }

  /** lorica.strategy.{period, filter, precondition, damping}. */
  public record Alternation(int period, Filter filter, boolean precondition, double damping) {
    public Alternation {
      positive("lorica.strategy.period", period);
      positive("lorica.strategy.damping", damping);
    }
  }

  /** What noised gradients pass through. */
  public enum Filter {
    NONE,
    BINOMIAL5
  }
}
