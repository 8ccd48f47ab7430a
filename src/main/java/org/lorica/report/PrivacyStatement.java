package org.lorica.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.OptionalDouble;

/**
 * {@code privacy.json}: what the printed ε says, against whom, on what it rests and what it leaves
 * out.
 *
 * @param ledger clients with the same account in one line, the most expensive ones first
 * @param assumptions one sentence for each thing that must hold for ε to hold
 * @param notCovered one sentence for each thing that ε says nothing about
 */
public record PrivacyStatement(
    Claim claim,
    EpsilonSpent epsilon,
    Mechanism mechanism,
    List<LedgerLine> ledger,
    List<String> assumptions,
    List<String> notCovered) {

  /**
   * What is not covered where factors are selected by un-noised losses; the summary says it too.
   */
  public static final String SELECTION_NOT_COVERED =
      "epsilon does not cover the selection of factors: strategy.curvature = private-unsafe reads"
          + " un-noised losses";

  public PrivacyStatement {
    ledger = List.copyOf(ledger);
    assumptions = List.copyOf(assumptions);
    notCovered = List.copyOf(notCovered);
  }

  /**
   * What is promised, and against whom.
   *
   * @param unit whose presence is protected, for example {@code record}
   * @param relation neighbouring relation, for example {@code add or remove one}
   * @param mode for example {@code record-level, local DP}, or {@code none}
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
          : "the epsilon above, under the assumptions listed here";
    }
  }

  /**
   * ε in nats at δ, the greatest over clients; empty where nothing is claimed.
   *
   * @param claimed by {@code accountant}: the figure that the run stands for
   */
  public record EpsilonSpent(
      OptionalDouble target,
      double delta,
      String accountant,
      OptionalDouble claimed,
      @JsonUnwrapped Figures figures) {}

  /**
   * The same spending, counted otherwise.
   *
   * @param pld by privacy loss distributions, for continuous noise
   * @param rdp by Rényi divergences
   * @param thirdParty against somebody who sees only the released models; empty where no theorem
   *     gives it
   */
  public record Figures(OptionalDouble pld, OptionalDouble rdp, OptionalDouble thirdParty) {
    public static final Figures NONE =
        new Figures(OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
  }

  /**
   * What was done to every gradient or message.
   *
   * @param sampler how a batch is drawn, for example {@code poisson}
   * @param participation how a cohort is drawn, for example {@code round-robin}
   * @param maxGradNorm clip norm C; infinite without a clip
   * @param localSteps τ, local steps of a client in a round
   */
  public record Mechanism(
      String sampler,
      String participation,
      double maxGradNorm,
      @JsonUnwrapped Spread spread,
      int localSteps,
      Participations participations) {}

  /**
   * What differs between clients.
   *
   * @param noiseMultiplier σ: std of the noise on the clipped sum divided by C
   * @param samplingProbability q of a record in a local step
   */
  public record Spread(Span noiseMultiplier, Span samplingProbability) {}

  /** Smallest and largest value over the clients. */
  public record Span(double min, double max) {
    public Span {
      if (!(min <= max)) {
        throw new IllegalArgumentException("min must be <= max, got " + min + " and " + max);
      }
    }
  }

  /**
   * Rounds that a client took part in: what happened, and the cap that was planned for. With a
   * trusted server, which keeps to itself who took part, the cap in all three places.
   */
  public record Participations(int max, double median, int cap) {
    public Participations {
      if (max > cap) {
        throw new IllegalArgumentException("participations must be <= cap " + cap + ", got " + max);
      }
    }
  }

  /**
   * A number of clients that went through the same steps.
   *
   * @param participations rounds that they are charged for
   */
  public record LedgerLine(int clients, int participations, List<Steps> steps) {
    public LedgerLine {
      steps = List.copyOf(steps);
    }
  }

  /** {@code count} subsampled Gaussians of probability q and noise multiplier σ. */
  public record Steps(double samplingProbability, double noiseMultiplier, int count) {}
}
