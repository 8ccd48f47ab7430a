package org.lorica.privacy.audit;

import java.util.List;

/**
 * What an attack found, beside what was claimed.
 *
 * @param claim held against
 * @param refutable ε that the bounds would have refuted had the attack got everything right: what
 *     this many canaries can show at all
 * @param retries clients that were trained twice, as after a lost task
 */
public record AuditResult(
    Claim claim, double refutable, Bounds bounds, List<MechanismCheck> mechanism, Retries retries) {

  public AuditResult {
    mechanism = List.copyOf(mechanism);
  }

  /**
   * What was claimed, and how sure a verdict against it must be.
   *
   * @param epsilon in nats
   * @param significance probability that a sound run fails, at most
   */
  public record Claim(double epsilon, double delta, double significance) {
    public Claim {
      if (!(significance > 0 && significance < 1)) {
        throw new IllegalArgumentException("significance must be in (0, 1), got " + significance);
      }
    }
  }

  /** Lower bounds on ε. */
  public record Bounds(OneRunBound.Finding oneRun, TwoWorldBound.Finding twoWorld) {
    static Bounds of(List<CanaryScore> scores, Claim claim) {
      double each = claim.significance() / 4;
      return new Bounds(
          OneRunBound.best(scores, claim.delta(), each),
          TwoWorldBound.best(scores, claim.delta(), each));
    }

    double greatest() {
      return Math.max(oneRun.epsilon(), twoWorld.epsilon());
    }
  }

  /** Second attempts at the same training, and how many of them gave other sums. */
  public record Retries(int attempts, int differed) {}

  /** Half of the significance goes to the bounds, half to the checks of the mechanism. */
  public static AuditResult of(List<CanaryTrace> traces, Claim claim, Retries retries) {
    return new AuditResult(
        claim,
        Bounds.of(scores(traces, t -> t.in() ? 1 : 0), claim).greatest(),
        Bounds.of(scores(traces, CanaryTrace::logLikelihoodRatio), claim),
        MechanismCheck.of(traces),
        retries);
  }

  private static List<CanaryScore> scores(
      List<CanaryTrace> traces, java.util.function.ToDoubleFunction<CanaryTrace> score) {
    return traces.stream().map(t -> new CanaryScore(t.in(), score.applyAsDouble(t))).toList();
  }

  /** The greater lower bound on ε. */
  public double refuted() {
    return bounds.greatest();
  }

  /** Whether a check of the mechanism stands. */
  public boolean stands(MechanismCheck check) {
    return check.passed(claim.significance() / 2 / mechanism.size());
  }

  /**
   * Whether nothing speaks against the claim: no bound exceeds it, noise, clip and sampling measure
   * as planned, and retries repeat. Passing is no proof.
   */
  public boolean passed() {
    return refuted() <= claim.epsilon()
        && mechanism.stream().allMatch(this::stands)
        && retries.differed() == 0;
  }
}
