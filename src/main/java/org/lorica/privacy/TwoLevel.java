package org.lorica.privacy;

import java.util.List;

/**
 * Record-level ε against a third party who sees only the released global models, not who took part:
 * every round a client is in the cohort with probability p, and if it is, it makes τ
 * Poisson-subsampled Gaussian steps. Per round the pair ((1−p)Q^τ + pP^τ, Q^τ) with Q = N(0, σ²)
 * and P = (1−q)N(0, σ²) + qN(1, σ²), composed over the rounds. (Rτ steps of q' = pq would be too
 * little when τ > 1: a client's steps of one round come together.)
 *
 * <p>It rests on Q^τ also standing for a round without the client: what is released must not tell
 * an absent client from one that is there and lacks the record.
 *
 * @param step one local step: q of a record and σ
 * @param localSteps τ > 0
 * @param cohortProbability p in (0, 1]
 * @param rounds R ≥ 0
 */
public record TwoLevel(SampledGaussian step, int localSteps, double cohortProbability, int rounds) {
  private static final double FINEST = 1e-4;
  private static final double COARSEST = 1;
  private static final int MOST_CELLS = 1 << 22;

  public TwoLevel {
    if (localSteps <= 0) {
      throw new IllegalArgumentException("localSteps must be > 0, got " + localSteps);
    }
    if (!(cohortProbability > 0 && cohortProbability <= 1)) {
      throw new IllegalArgumentException(
          "cohortProbability must be in (0, 1], got " + cohortProbability);
    }
    if (rounds < 0) {
      throw new IllegalArgumentException("rounds must be >= 0, got " + rounds);
    }
  }

  /** ε in nats, by privacy loss distributions; +∞ without noise, 0 without a step. */
  public double epsilon(double delta) {
    Accountant.requireDelta(delta);
    if (rounds == 0 || step.samplingProbability() == 0) {
      return 0;
    }
    if (step.noiseMultiplier() == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double most = mostEpsilon(delta);
    for (double h = FINEST; h <= COARSEST; h *= 2) {
      try {
        return Math.min(
            most,
            Math.max(
                composed(Direction.REMOVE, h).epsilon(delta),
                composed(Direction.ADD, h).epsilon(delta)));
      } catch (ComposedLoss.TooFine e) {
        // the next, coarser grid: still an upper bound
      }
    }
    return most;
  }

  /** Of a client that is in every round: a bound, and no other where no grid fits. */
  private double mostEpsilon(double delta) {
    return new PldAccountant().epsilon(step, Math.multiplyExact(localSteps, rounds), delta);
  }

  private ComposedLoss composed(Direction direction, double h) throws ComposedLoss.TooFine {
    SampledGaussianLoss loss = new SampledGaussianLoss(step);
    if (loss.span() > h * MOST_CELLS) {
      throw new ComposedLoss.TooFine();
    }
    ComposedLoss round =
        new ComposedLoss(
            List.of(new ComposedLoss.Part(loss.discretized(direction, h), localSteps)));
    LossDistribution mixed =
        direction == Direction.REMOVE
            ? remove(round.distribution(0), round.distribution(-1))
            : add(round.distribution(0));
    return new ComposedLoss(List.of(new ComposedLoss.Part(mixed, rounds)));
  }

  /** ln(1 − p + p·e^loss). */
  private double mixedLoss(double loss) {
    double p = cohortProbability;
    return loss > 0
        ? loss + Math.log(p + (1 - p) * Math.exp(-loss))
        : Math.log1p(p * Math.expm1(loss));
  }

  /**
   * @param with masses of P^τ by loss, exact to rounding where losses are ≥ 0
   * @param without masses of Q^τ by the same losses, exact to rounding where they are < 0
   */
  private LossDistribution remove(LossDistribution with, LossDistribution without) {
    double p = cohortProbability;
    double h = with.step();
    double least = Math.min(with.loss(0), without.loss(0));
    double greatest = with.loss(with.size() - 1);
    long first = (long) Math.floor(mixedLoss(least) / h);
    ConnectTheDots grid = new ConnectTheDots(h, first, cells(first, mixedLoss(greatest) / h));
    for (int i = 0; i < with.size(); i++) {
      double loss = with.loss(i);
      if (loss >= 0) {
        grid.atom(mixedLoss(loss), with.mass(i) * (p + (1 - p) * Math.exp(-loss)));
      }
    }
    for (int i = 0; i < without.size() && without.loss(i) < 0; i++) {
      double loss = without.loss(i);
      grid.atom(mixedLoss(loss), without.mass(i) * (1 + p * Math.expm1(loss)));
    }
    grid.infinite(p * with.infinity());
    return grid.toDistribution();
  }

  private LossDistribution add(LossDistribution without) {
    double h = without.step();
    double greatest = -mixedLoss(-without.loss(without.size() - 1));
    long first = (long) Math.floor(-mixedLoss(-without.loss(0)) / h);
    ConnectTheDots grid = new ConnectTheDots(h, first, cells(first, greatest / h));
    for (int i = 0; i < without.size(); i++) {
      grid.atom(-mixedLoss(-without.loss(i)), without.mass(i));
    }
    grid.infinite(without.infinity());
    return grid.toDistribution();
  }

  private static int cells(long first, double last) {
    return Math.toIntExact(Math.max(1, (long) Math.ceil(last) - first));
  }
}
