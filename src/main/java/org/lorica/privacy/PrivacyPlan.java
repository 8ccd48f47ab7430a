package org.lorica.privacy;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one owner of a run's privacy: sampler, clipper, noiser and ε come from it and from nowhere
 * else.
 *
 * <p>Unit: one record, add/remove. Threat model: the server, which sees every client's message;
 * client k's view is N_k·τ Poisson-subsampled Gaussians with its own (q_k, σ_k). There is no
 * amplification by client sampling: the server tossed the coin.
 */
public final class PrivacyPlan {
  /**
   * q is rounded up to a grid of this ratio before σ is calibrated, so that clients of like size
   * share one calibration.
   */
  private static final double Q_GRID = 1.02;

  private final Terms terms;
  private final Accountant accountant;
  private final Map<Double, Double> calibrated = new ConcurrentHashMap<>();

  public PrivacyPlan(Terms terms, Accountant accountant) {
    this.terms = terms;
    this.accountant = accountant;
  }

  /**
   * What the configuration fixes.
   *
   * @param claim whether ε is claimed at all
   * @param delta δ in (0, 1)
   * @param sampling who is in a batch
   * @param localSteps τ
   * @param participationCap N_max, the most rounds that one client takes part in
   */
  public record Terms(
      Claim claim, double delta, Sampling sampling, int localSteps, int participationCap) {
    public Terms {
      if (!(delta > 0 && delta < 1)) {
        throw new IllegalArgumentException("privacy.delta must be in (0, 1), got " + delta);
      }
    }
  }

  /**
   * Clip and noise. Exactly one of epsilon and noiseMultiplier is set where ε is claimed; neither
   * where it is not.
   *
   * @param maxGradNorm C
   */
  public record Claim(OptionalDouble epsilon, OptionalDouble noiseMultiplier, double maxGradNorm) {
    public Claim {
      if (epsilon.isPresent() && noiseMultiplier.isPresent()) {
        throw new IllegalArgumentException(
            "set privacy.epsilon or privacy.noise-multiplier, not both");
      }
    }

    /** Whether the run claims an ε: not without noise. */
    public boolean made() {
      return epsilon.isPresent() || noiseMultiplier.orElse(0) > 0;
    }
  }

  /**
   * Poisson sampling: q_k = the fixed probability, or min(1, expectedBatch / n_k). Sizes n_k count
   * as public.
   *
   * @param expectedBatch the public denominator of every step
   */
  public record Sampling(OptionalDouble probability, int expectedBatch) {
    /** q of a client with {@code records} records. */
    public double of(int records) {
      return probability.orElseGet(
          () -> records == 0 ? 1 : Math.min(1, (double) expectedBatch / records));
    }
  }

  /** The terms of a client with {@code records} records. */
  public ClientTerms terms(int records) {
    double q = terms.sampling().of(records);
    Clipper clipper = new Clipper(terms.claim().maxGradNorm());
    double sigma =
        terms.claim().epsilon().isPresent() ? sigma(q) : terms.claim().noiseMultiplier().orElse(0);
    return new ClientTerms(
        new PoissonSampler(q), clipper, new GaussianNoiser(sigma, clipper.sensitivity()));
  }

  private double sigma(double q) {
    double up =
        q >= 1 ? 1 : Math.min(1, Math.pow(Q_GRID, Math.ceil(Math.log(q) / Math.log(Q_GRID))));
    int steps = Math.multiplyExact(terms.participationCap(), terms.localSteps());
    return calibrated.computeIfAbsent(
        up,
        grid ->
            Calibration.noiseMultiplier(
                accountant, terms.claim().epsilon().getAsDouble(), grid, steps, terms.delta()));
  }

  /** ε that a client has spent after a number of participations. */
  public double epsilon(ClientTerms client, int participations) {
    return epsilon(client, participations, accountant);
  }

  /** The same by another accountant. */
  public double epsilon(ClientTerms client, int participations, Accountant by) {
    SampledGaussian step =
        new SampledGaussian(client.samplingProbability(), client.noiseMultiplier());
    return by.epsilon(step, Math.multiplyExact(participations, terms.localSteps()), terms.delta());
  }

  public Terms terms() {
    return terms;
  }

  public Accountant accountant() {
    return accountant;
  }
}
