package org.lorica.privacy;

/** Turns steps of a mechanism into ε at a given δ. */
public interface Accountant {

  /** Short name for reports: {@code rdp} or {@code pld}. */
  String name();

  /**
   * ε (nats) after {@code steps} equal steps; +∞ without noise, 0 without a step.
   *
   * @param delta in (0, 1)
   */
  double epsilon(SampledGaussian step, int steps, double delta);
}
