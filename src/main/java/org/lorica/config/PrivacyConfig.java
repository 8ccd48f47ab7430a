package org.lorica.config;

import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.positive;

import java.util.Optional;
import java.util.OptionalDouble;

/** lorica.privacy.{mode, …} and lorica.noise.mode. */
public record PrivacyConfig(Mode mode, Guarantee guarantee, Noise noise, Batches batches) {
  /** DP: differential privacy as the other keys say. NONE: no clip, no noise and no claim. */
  public enum Mode {
    DP,
    NONE
  }

  /**
   * lorica.privacy.{unit, threat-model, epsilon, delta, accountant, participation-cap}. ε is empty
   * where the noise is given or nothing is claimed.
   */
  public record Guarantee(
      Unit unit,
      ThreatModel threatModel,
      OptionalDouble epsilon,
      double delta,
      Accountant accountant,
      Optional<Integer> participationCap) {
    public enum Unit {
      RECORD,
      CLIENT
    }

    public enum ThreatModel {
      SERVER,
      CENTRAL
    }

    public enum Accountant {
      PLD,
      RDP
    }

    public Guarantee {
      epsilon.ifPresent(e -> positive("lorica.privacy.epsilon", e));
      check(delta > 0 && delta < 1, "lorica.privacy.delta", "in (0, 1)", delta);
      participationCap.ifPresent(n -> positive("lorica.privacy.participation-cap", n));
    }
  }

  /** lorica.privacy.{noise-multiplier, max-grad-norm} and lorica.noise.mode. */
  public record Noise(OptionalDouble multiplier, double maxGradNorm, NoiseMode mode) {
    public enum NoiseMode {
      SIMULATION,
      SECURE
    }

    public Noise {
      multiplier.ifPresent(
          s ->
              check(
                  s >= 0 && Double.isFinite(s),
                  "lorica.privacy.noise-multiplier",
                  ">= 0 and finite",
                  s));
      positive("lorica.privacy.max-grad-norm", maxGradNorm);
    }
  }

  /**
   * lorica.privacy.{sampler, sampling-probability | expected-batch-size}. With a sampling
   * probability the expected batch size remains the public denominator.
   */
  public record Batches(
      Sampler sampler, OptionalDouble samplingProbability, int expectedBatchSize) {
    public enum Sampler {
      POISSON,
      FIXED,
      SHUFFLE
    }

    public Batches {
      samplingProbability.ifPresent(
          q -> check(q > 0 && q <= 1, "lorica.privacy.sampling-probability", "in (0, 1]", q));
      positive("lorica.privacy.expected-batch-size", expectedBatchSize);
    }
  }

  public PrivacyConfig {
    if (mode == Mode.DP && guarantee.epsilon().isPresent() == noise.multiplier().isPresent()) {
      throw new IllegalArgumentException(
          "lorica.privacy.epsilon and lorica.privacy.noise-multiplier: exactly one must be set, "
              + (guarantee.epsilon().isPresent() ? "both are" : "neither is"));
    }
  }
}
