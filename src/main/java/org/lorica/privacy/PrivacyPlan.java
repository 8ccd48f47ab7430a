package org.lorica.privacy;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import org.lorica.privacy.Protocol.NoiseMode;
import org.lorica.privacy.Protocol.Participation;
import org.lorica.privacy.Protocol.ThreatModel;
import org.lorica.privacy.Protocol.Unit;

/**
 * The one owner of a run's privacy: sampler, clipper, noiser and ledger event come from it and from
 * nowhere else. The relation is add or remove one unit.
 *
 * <ul>
 *   <li>record, server: client k's view is N_k·τ Poisson-subsampled Gaussians with its own (q_k,
 *       σ_k). No amplification by client sampling: the server tossed the coin.
 *   <li>client, server (local): one Gaussian a participation; a client's message is there or
 *       replaced, so that it moves by 2C: σ/2.
 *   <li>client, central: the sum of clipped messages is one subsampled Gaussian a round, with q the
 *       cohort probability.
 * </ul>
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

  /**
   * @param accountant for calibration and for the claimed ε; with {@code noise.mode = secure}
   *     {@link RdpAccountant#integerOrders} takes its place, the one that covers discrete noise
   */
  public PrivacyPlan(Terms terms, Accountant accountant) {
    this.terms = terms;
    this.accountant =
        terms.protocol().noise() == NoiseMode.SECURE ? RdpAccountant.integerOrders() : accountant;
  }

  /** What the configuration fixes. */
  public record Terms(Protocol protocol, Claim claim, Batches batches, Horizon horizon) {
    public Terms {
      if (protocol.noise() == NoiseMode.SECURE && !claim.made()) {
        throw new IllegalArgumentException(
            "noise.mode = secure needs noise: set privacy.epsilon or a positive"
                + " privacy.noise-multiplier, or noise.mode = simulation");
      }
    }
  }

  /**
   * Clip and noise. Exactly one of epsilon and noiseMultiplier is set where ε is claimed; neither
   * where it is not.
   *
   * @param maxGradNorm C > 0; infinite for no clip, which only a run without noise may have
   * @param delta δ in (0, 1)
   */
  public record Claim(
      OptionalDouble epsilon, OptionalDouble noiseMultiplier, double maxGradNorm, double delta) {
    public Claim {
      if (epsilon.isPresent() && noiseMultiplier.isPresent()) {
        throw new IllegalArgumentException(
            "set privacy.epsilon or privacy.noise-multiplier, not both");
      }
      if (!(delta > 0 && delta < 1)) {
        throw new IllegalArgumentException("privacy.delta must be in (0, 1), got " + delta);
      }
    }

    /** Neither clip nor noise nor ε. */
    public static Claim none(double delta) {
      return new Claim(
          OptionalDouble.empty(), OptionalDouble.empty(), Double.POSITIVE_INFINITY, delta);
    }

    /** Whether the run claims an ε: not without noise. */
    public boolean made() {
      return epsilon.isPresent() || noiseMultiplier.orElse(0) > 0;
    }
  }

  /**
   * q_k = the fixed probability, or min(1, expectedSize / n_k). Sizes n_k count as public.
   *
   * @param expectedSize the public denominator of every step
   */
  public record Batches(OptionalDouble probability, int expectedSize) {
    public Batches {
      if (expectedSize <= 0) {
        throw new IllegalArgumentException(
            "privacy.expected-batch-size must be > 0, got " + expectedSize);
      }
      probability.ifPresent(
          q -> {
            if (!(q > 0 && q <= 1)) {
              throw new IllegalArgumentException(
                  "privacy.sampling-probability must be in (0, 1], got " + q);
            }
          });
    }

    /** q of a client with {@code records} records. */
    public double of(int records) {
      return probability.orElseGet(
          () -> records == 0 ? 1 : Math.min(1, (double) expectedSize / records));
    }
  }

  /**
   * How much there may be of it.
   *
   * @param localSteps τ
   * @param participationCap N_max, the most rounds that one client takes part in
   * @param cohortProbability p; the expected share of a round where cohorts are not drawn
   *     independently
   */
  public record Horizon(
      int rounds, int localSteps, int participationCap, double cohortProbability) {
    public Horizon {
      requirePositive("federation.rounds", rounds);
      requirePositive("federation.local-steps", localSteps);
      requirePositive("privacy.participation-cap", participationCap);
      if (!(cohortProbability > 0 && cohortProbability <= 1)) {
        throw new IllegalArgumentException(
            "the cohort probability must be in (0, 1], got " + cohortProbability);
      }
    }

    private static void requirePositive(String key, int found) {
      if (found <= 0) {
        throw new IllegalArgumentException(key + " must be > 0, got " + found);
      }
    }
  }

  /** The terms of a client with {@code records} records. */
  public ClientTerms terms(int records) {
    double q = terms.batches().of(records);
    Protocol protocol = terms.protocol();
    boolean perRecord = protocol.unit() == Unit.RECORD;
    boolean local = protocol.against() == ThreatModel.SERVER;
    return new ClientTerms(
        sampler(q),
        q,
        perRecord ? release(sigma(q)) : Release.PLAIN,
        !perRecord && local ? release(sigma(1)) : Release.PLAIN);
  }

  /** What the server does to the sum of a cohort's messages: central threat model only. */
  public Optional<Release> central() {
    return terms.protocol().against() == ThreatModel.CENTRAL
        ? Optional.of(release(sigma(terms.horizon().cohortProbability())))
        : Optional.empty();
  }

  private BatchSampler sampler(double q) {
    int size = terms.batches().expectedSize();
    return switch (terms.protocol().sampler()) {
      case POISSON -> new PoissonSampler(q);
      case FIXED -> new FixedSizeSampler(size, FixedSizeSampler.Order.INDEPENDENT);
      case SHUFFLE -> new FixedSizeSampler(size, FixedSizeSampler.Order.SHUFFLED);
    };
  }

  private Release release(double sigma) {
    double bound = terms.claim().maxGradNorm();
    Noiser noiser =
        terms.protocol().noise() == NoiseMode.SECURE
            ? new DiscreteGaussianNoiser(sigma, bound)
            : new GaussianNoiser(sigma, bound);
    return new Release(new Clipper(bound), noiser);
  }

  private double sigma(double q) {
    if (terms.claim().epsilon().isEmpty()) {
      return terms.claim().noiseMultiplier().orElse(0);
    }
    double up =
        q >= 1 ? 1 : Math.min(1, Math.pow(Q_GRID, Math.ceil(Math.log(q) / Math.log(Q_GRID))));
    return calibrated.computeIfAbsent(up, this::calibrated);
  }

  private double calibrated(double q) {
    Horizon horizon = terms.horizon();
    boolean central = terms.protocol().against() == ThreatModel.CENTRAL;
    int steps =
        central
            ? horizon.rounds()
            : Math.multiplyExact(horizon.participationCap(), stepsPerParticipation());
    double sigma =
        Calibration.noiseMultiplier(
            accountant, terms.claim().epsilon().getAsDouble(), q, steps, terms.claim().delta());
    return terms.protocol().unit() == Unit.CLIENT && !central ? 2 * sigma : sigma;
  }

  /** Ledger events of one participation: τ noised steps, or one noised message. */
  public int stepsPerParticipation() {
    return terms.protocol().unit() == Unit.RECORD ? terms.horizon().localSteps() : 1;
  }

  /** The mechanism of each ledger event of a client. */
  public SampledGaussian event(ClientTerms client) {
    return terms.protocol().unit() == Unit.RECORD
        ? new SampledGaussian(client.samplingProbability(), client.step().noiseMultiplier())
        : new SampledGaussian(1, client.message().noiseMultiplier() / 2);
  }

  /** The mechanism of a whole round, charged to every registered client: central only. */
  public SampledGaussian centralEvent() {
    double sigma = central().orElseThrow().noiseMultiplier();
    return new SampledGaussian(terms.horizon().cohortProbability(), sigma);
  }

  /** ε that a client has spent after a number of participations. */
  public double epsilon(ClientTerms client, int participations) {
    int steps = Math.multiplyExact(participations, stepsPerParticipation());
    return accountant.epsilon(event(client), steps, terms.claim().delta());
  }

  /**
   * ε of a client's record against a third party who sees only the released models, over {@code
   * rounds} rounds: see {@link TwoLevel}. Empty where no theorem gives it: cohorts not drawn
   * independently, or a participation cap that makes rounds depend on each other.
   *
   * @param participation probability that the client was in a round, for those who know what the
   *     released models tell of its cohort; the cohort probability if they tell nothing
   */
  public OptionalDouble thirdPartyEpsilon(ClientTerms client, int rounds, double participation) {
    Horizon horizon = terms.horizon();
    boolean independent =
        terms.protocol().participation() == Participation.POISSON
            && horizon.participationCap() >= horizon.rounds();
    if (terms.protocol().unit() != Unit.RECORD || !independent || !terms.claim().made()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        new TwoLevel(event(client), horizon.localSteps(), participation, rounds)
            .epsilon(terms.claim().delta()));
  }

  public Terms terms() {
    return terms;
  }

  public Accountant accountant() {
    return accountant;
  }
}
