package org.lorica.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Accountant by privacy loss distributions on a grid (connect-the-dots, Doroshenko et al., arXiv
 * 2207.04380), the tighter of the two. Every rounding goes upwards, so ε is never too small beyond
 * floating point. Both directions of add/remove are composed apart; the greater ε counts.
 *
 * <p>Without sampling the closed form of Balle and Wang is used. Below δ = 1e-14 the mass that was
 * given to infinity would dominate: there, and where no grid fits, it answers with {@link
 * RdpAccountant}'s bound, which holds for every δ.
 */
public final class PldAccountant implements Accountant {
  /** h: losses are rounded to multiples of it, in nats. */
  private static final double FINEST = 1e-4;

  private static final double COARSEST_AT_FIRST = 2e-3;
  private static final double COARSEST = 1;

  /** Wanted relative accuracy of ε. */
  private static final double ACCURACY = 3e-6;

  private static final int MOST_CELLS = 1 << 22;
  private static final double LEAST_DELTA = 1e-14;

  private final RdpAccountant bound = new RdpAccountant();

  @Override
  public String name() {
    return "pld";
  }

  @Override
  public double epsilon(Composition spent, double delta) {
    Accountant.requireDelta(delta);
    Composition effective = spent.effective();
    Map<SampledGaussian, Integer> steps = effective.steps();
    if (steps.isEmpty()) {
      return 0;
    }
    if (effective.isNoiseless()) {
      return Double.POSITIVE_INFINITY;
    }
    if (steps.keySet().stream().allMatch(step -> step.samplingProbability() == 1)) {
      return GaussianCurve.epsilon(unsampledSigma(steps), delta);
    }
    if (delta < LEAST_DELTA) {
      return bound.epsilon(effective, delta);
    }
    double most = bound.epsilon(effective, delta);
    for (double h = step(steps, most, delta); h <= COARSEST; h *= 2) {
      try {
        double both =
            Math.max(
                epsilon(parts(steps, Direction.REMOVE, h), delta),
                epsilon(parts(steps, Direction.ADD, h), delta));
        return Math.min(both, most);
      } catch (ComposedLoss.TooFine e) {
        // the next, coarser grid: still an upper bound
      }
    }
    return most;
  }

  /**
   * Splitting cells adds a variance of at most T·h²/6 to the loss, which moves ε by about
   * z·T·h²/(12·deviation): few steps with a large ε do with a coarse grid.
   */
  private static double step(Map<SampledGaussian, Integer> steps, double epsilon, double delta) {
    double count = steps.values().stream().mapToDouble(Integer::doubleValue).sum();
    double z2 = -2 * Math.log(delta);
    double h = epsilon * Math.sqrt(8 * ACCURACY / (z2 * count));
    return Math.max(FINEST, Math.min(COARSEST_AT_FIRST, h));
  }

  /** Gaussians without sampling compose to one: 1/σ² = Σ T/σ_i². */
  private static double unsampledSigma(Map<SampledGaussian, Integer> steps) {
    double precision = 0;
    for (Map.Entry<SampledGaussian, Integer> e : steps.entrySet()) {
      precision += e.getValue() / Math.pow(e.getKey().noiseMultiplier(), 2);
    }
    return 1 / Math.sqrt(precision);
  }

  private static double epsilon(List<ComposedLoss.Part> parts, double delta)
      throws ComposedLoss.TooFine {
    return new ComposedLoss(parts).epsilon(delta);
  }

  private static List<ComposedLoss.Part> parts(
      Map<SampledGaussian, Integer> steps, Direction direction, double h)
      throws ComposedLoss.TooFine {
    List<ComposedLoss.Part> parts = new ArrayList<>();
    for (Map.Entry<SampledGaussian, Integer> e : steps.entrySet()) {
      SampledGaussianLoss loss = new SampledGaussianLoss(e.getKey());
      if (loss.span() > h * MOST_CELLS) {
        throw new ComposedLoss.TooFine();
      }
      parts.add(new ComposedLoss.Part(loss.discretized(direction, h), e.getValue()));
    }
    return parts;
  }
}
