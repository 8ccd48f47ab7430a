package org.lorica.privacy;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Steps that one unit's data went through: which mechanisms, and how often each. Immutable.
 *
 * @param steps number of steps by mechanism, all > 0
 */
public record Composition(Map<SampledGaussian, Integer> steps) {
  private static final double LEAST_NOISE = 1e-6;
  private static final double MOST_NOISE = 1e9;

  public static final Composition NONE = new Composition(Map.of());

  public Composition {
    steps.forEach(
        (mechanism, count) -> {
          if (count <= 0) {
            throw new IllegalArgumentException("steps must be > 0, got " + count);
          }
        });
    steps = Collections.unmodifiableMap(new TreeMap<>(steps));
  }

  /** {@code count} ≥ 0 steps of one mechanism. */
  public static Composition of(SampledGaussian step, int count) {
    return NONE.plus(step, count);
  }

  /** With {@code count} ≥ 0 more steps. */
  public Composition plus(SampledGaussian step, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("steps must be >= 0, got " + count);
    }
    if (count == 0) {
      return this;
    }
    Map<SampledGaussian, Integer> all = new TreeMap<>(steps);
    all.merge(step, count, Math::addExact);
    return new Composition(all);
  }

  /**
   * Without what touches no data, steps with q = 0, and with noise held to {@link #MOST_NOISE}: an
   * upper bound of ε that can be computed.
   */
  Composition effective() {
    Composition all = NONE;
    for (Map.Entry<SampledGaussian, Integer> e : steps.entrySet()) {
      double q = e.getKey().samplingProbability();
      double sigma = Math.min(MOST_NOISE, e.getKey().noiseMultiplier());
      all = all.plus(new SampledGaussian(q, sigma), q == 0 ? 0 : e.getValue());
    }
    return all;
  }

  /** Whether some step has no noise, or so little that its ε is beyond 10^11. */
  boolean isNoiseless() {
    return steps.keySet().stream().anyMatch(step -> step.noiseMultiplier() < LEAST_NOISE);
  }
}
