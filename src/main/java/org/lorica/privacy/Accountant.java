package org.lorica.privacy;

/** Turns what was done to a unit's data into ε at a given δ. */
public interface Accountant {

  /** Short name for reports: {@code rdp} or {@code pld}. */
  String name();

  /**
   * ε (nats) of a composition; +∞ where a step has no noise, 0 without a step.
   *
   * @param delta in (0, 1)
   */
  double epsilon(Composition spent, double delta);

  /** ε (nats) of {@code steps} ≥ 0 equal steps. */
  default double epsilon(SampledGaussian step, int steps, double delta) {
    return epsilon(Composition.of(step, steps), delta);
  }

  /** Refuses a δ outside (0, 1). */
  static void requireDelta(double delta) {
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException("delta must be in (0, 1), got " + delta);
    }
  }
}
