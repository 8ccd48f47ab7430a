package org.lorica.privacy.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * One thing that the plan says and canaries can measure. Where ε is large, lower bounds on it prove
 * little with canaries of any affordable number; a wrong scale of noise, a missing clip or another
 * sampler show here all the same.
 *
 * @param name what was measured
 * @param measured in units of what the plan says, 1 if they agree
 * @param pValue probability that a sound run looks as bad or worse
 */
public record MechanismCheck(String name, double measured, double pValue) {
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  /** What is planned must be this many standard errors, or nothing can be read from it. */
  private static final double LEGIBLE = 3;

  /** Whether a sound run could well have given this. */
  public boolean passed(double significance) {
    return pValue > significance;
  }

  /**
   * All checks that the traces allow. Each is one-sided, towards less privacy: what real gradients
   * add to a canary's coordinate can only hide a fault, never feign one.
   */
  public static List<MechanismCheck> of(List<CanaryTrace> traces) {
    List<CanaryTrace> in = traces.stream().filter(CanaryTrace::in).toList();
    List<CanaryTrace> out = traces.stream().filter(t -> !t.in()).toList();
    if (in.size() < 2 || out.size() < 2) {
      throw new IllegalArgumentException(
          "an audit must have at least two canaries in the data and two outside, got "
              + in.size()
              + " and "
              + out.size());
    }
    List<MechanismCheck> checks = new ArrayList<>();
    checks.add(noise(out));
    checks.add(contribution(in, out));
    sampling(in, out).ifPresent(checks::add);
    return checks;
  }

  /** Standard deviation of the noise: Σ(x/σ)² is χ² or, with gradients beside the noise, more. */
  private static MechanismCheck noise(List<CanaryTrace> out) {
    double energy = out.stream().mapToDouble(t -> t.totals().energy()).sum();
    double degrees = out.stream().mapToDouble(t -> t.totals().steps()).sum();
    double pValue = new GammaDistribution(null, degrees / 2, 2).cumulativeProbability(energy);
    return new MechanismCheck("noise, standard deviation", Math.sqrt(energy / degrees), pValue);
  }

  /** What a canary adds to a sum: at most C a batch, and in no more batches than q says. */
  private static MechanismCheck contribution(List<CanaryTrace> in, List<CanaryTrace> out) {
    Sample with = Sample.of(in, t -> t.totals().shift());
    Sample without = Sample.of(out, t -> t.totals().shift());
    double planned = Sample.of(in, t -> t.totals().batches()).mean();
    double found = with.mean() - without.mean();
    double deviation = Math.hypot(with.error(), without.error());
    return new MechanismCheck(
        "one record's contribution", found / planned, upperTail(found - planned, deviation));
  }

  /**
   * Poisson sampling leaves an attacker in doubt how often a record came; shuffling does not. Empty
   * where noise hides the difference, or where every record is in every batch.
   */
  private static Optional<MechanismCheck> sampling(List<CanaryTrace> in, List<CanaryTrace> out) {
    Sample with = Sample.of(in, t -> Math.pow(t.totals().shift() - t.totals().batches(), 2));
    Sample without = Sample.of(out, t -> Math.pow(t.totals().shift(), 2));
    double planned = Sample.of(in, t -> t.totals().batchVariance()).mean();
    double found = with.mean() - without.mean();
    double deviation = Math.hypot(with.error(), without.error());
    if (planned <= LEGIBLE * deviation) {
      return Optional.empty();
    }
    return Optional.of(
        new MechanismCheck(
            "sampling, variance of a record's batches",
            found / planned,
            upperTail(planned - found, deviation)));
  }

  private static double upperTail(double excess, double deviation) {
    if (deviation == 0) {
      return excess > 0 ? 0 : 1;
    }
    return NORMAL.cumulativeProbability(-excess / deviation);
  }

  /** Mean and its standard error. */
  private record Sample(double mean, double error) {
    static Sample of(List<CanaryTrace> traces, ToDoubleFunction<CanaryTrace> value) {
      int n = traces.size();
      double mean = traces.stream().mapToDouble(value).sum() / n;
      double squares =
          traces.stream().mapToDouble(t -> Math.pow(value.applyAsDouble(t) - mean, 2)).sum();
      return new Sample(mean, Math.sqrt(squares / (n - 1) / n));
    }
  }
}
