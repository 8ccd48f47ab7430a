package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.notBlank;
import static org.lorica.config.Checks.positive;

import java.util.Optional;

/**
 * lorica.strategy: the method's name and the settings of all methods, by what they are about.
 * Whether the name exists, and what a method cannot do, is for the strategy floor to say.
 */
public record StrategyConfig(
    String name, Sketch sketch, Alternation alternation, Selection selection) {
  public StrategyConfig {
    notBlank("lorica.strategy.name", name);
  }

  /**
   * lorica.strategy.{oversampling, power-iterations, split, aggregation, clip-space}; empty = the
   * strategy's own default.
   */
  public record Sketch(
      Optional<Integer> oversampling,
      Optional<Integer> powerIterations,
      Split split,
      Aggregation aggregation,
      ClipSpace clipSpace) {
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

  /** Of what private FedASK clips and noises the gradient: of B, or of the product BA. */
  public enum ClipSpace {
    FACTOR,
    PRODUCT
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

  /**
   * lorica.strategy.{granularity, selection, score, curvature, warm-up (share of the rounds),
   * temperature-decay, temperature-floor, explore}.
   */
  public record Selection(
      Granularity granularity, Policy policy, Score score, Curvature curvature, Draw draw) {

    /** When and how sharply scores decide. */
    public record Draw(
        double warmUp, double temperatureDecay, double temperatureFloor, double explore) {
      public Draw {
        check(warmUp >= 0 && warmUp <= 1, "lorica.strategy.warm-up", "in [0, 1]", warmUp);
        check(
            temperatureDecay > 0 && temperatureDecay <= 1,
            "lorica.strategy.temperature-decay",
            "in (0, 1]",
            temperatureDecay);
        positive("lorica.strategy.temperature-floor", temperatureFloor);
        check(explore >= 0 && explore <= 0.5, "lorica.strategy.explore", "in [0, 0.5]", explore);
      }
    }
  }

  /** What counts as a layer. */
  public enum Granularity {
    BLOCK,
    MODULE
  }

  /** How the layers' factors are chosen. */
  public enum Policy {
    ADAPTIVE,
    RANDOM_PER_LAYER,
    RANDOM_SHARE,
    PHASE_SHIFTED
  }

  /** Where a score is read. */
  public enum Score {
    DISPLACEMENT,
    GRADIENT
  }

  /** What is taken off a score. */
  public enum Curvature {
    NONE,
    STRUCTURAL,
    /** Reads un-noised losses of private batches, which no ε covers. */
    PRIVATE_UNSAFE
  }
}
