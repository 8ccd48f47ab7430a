package org.lorica.report;

import java.util.List;
import java.util.OptionalDouble;

/**
 * {@code privacy.json}: what the printed ε says, against whom, and what it leaves out.
 *
 * @param notCovered one sentence for each thing that ε says nothing about
 */
public record PrivacyStatement(
    Claim claim, EpsilonSpent epsilon, Mechanism mechanism, List<String> notCovered) {

  public PrivacyStatement {
    notCovered = List.copyOf(notCovered);
  }

  /**
   * What is promised, and against whom.
   *
   * @param unit whose presence is protected, for example {@code record}
   * @param relation neighbouring relation, for example {@code add or remove one}
   * @param mode {@code record} or {@code none}
   * @param noiseMode {@code simulation}: drawn from the run seed; {@code secure} otherwise
   * @param formalGuarantee one sentence; see {@link #formalGuaranteeOf}
   */
  public record Claim(
      String unit,
      String relation,
      String threatModel,
      String mode,
      String noiseMode,
      String formalGuarantee) {

    /** A known seed gives the noise away, so a simulation guarantees nothing. */
    public static String formalGuaranteeOf(String noiseMode) {
      return noiseMode.equals("simulation")
          ? "none, the seed is known"
          : "the epsilon below, under the assumptions listed here";
    }
  }

  /** ε in nats at δ, by two accountants; empty where nothing is claimed. */
  public record EpsilonSpent(
      OptionalDouble target, OptionalDouble pld, OptionalDouble rdp, double delta) {}

  /**
   * What was done to every gradient.
   *
   * @param sampler how a batch is drawn, for example {@code poisson}
   * @param maxGradNorm clip norm C
   * @param noiseMultiplier σ over clients: std of the noise on the clipped sum divided by C
   * @param samplingProbability q over clients
   * @param localSteps τ, noised steps of a client in a round
   */
  public record Mechanism(
      String sampler,
      double maxGradNorm,
      Span noiseMultiplier,
      Span samplingProbability,
      int localSteps,
      Participations participations) {}

  /** Smallest and largest value over the clients. */
  public record Span(double min, double max) {
    public Span {
      if (!(min <= max)) {
        throw new IllegalArgumentException("min must be <= max, got " + min + " and " + max);
      }
    }
  }

  /** Rounds that a client took part in: what happened, and the cap that was planned for. */
  public record Participations(int max, double median, int cap) {
    public Participations {
      if (max > cap) {
        throw new IllegalArgumentException("participations must be <= cap " + cap + ", got " + max);
      }
    }
  }
}
