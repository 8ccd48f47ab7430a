package org.lorica.privacy.audit;

import java.util.List;

/**
 * What an attack found, beside what was claimed.
 *
 * @param claimed ε in nats
 * @param significance probability that a sound run is called unsound, at most
 */
public record AuditResult(
    double claimed,
    double delta,
    double significance,
    OneRunBound.Finding oneRun,
    TwoWorldBound.Finding twoWorld) {

  /** Both bounds, each at half of the significance. */
  public static AuditResult of(
      List<CanaryScore> scores, double claimed, double delta, double significance) {
    return new AuditResult(
        claimed,
        delta,
        significance,
        OneRunBound.best(scores, delta, significance / 2),
        TwoWorldBound.best(scores, delta, significance / 2));
  }

  /** The greater lower bound on ε. */
  public double refuted() {
    return Math.max(oneRun.epsilon(), twoWorld.epsilon());
  }

  /** Whether the claim stands: no bound exceeds it. Passing is no proof. */
  public boolean passed() {
    return refuted() <= claimed;
  }
}
