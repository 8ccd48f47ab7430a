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

  /** Without what touches no data: steps with q = 0. */
  Composition effective() {
    Map<SampledGaussian, Integer> all = new TreeMap<>(steps);
    all.keySet().removeIf(step -> step.samplingProbability() == 0);
    return new Composition(all);
  }

  boolean isNoiseless() {
    return steps.keySet().stream().anyMatch(step -> step.noiseMultiplier() == 0);
  }
}
