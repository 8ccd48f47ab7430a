package org.lorica.privacy.audit;

import java.util.List;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * Lower bound on ε from the error rates of one test that tells two worlds apart, with
 * Clopper–Pearson confidence limits (Jagielski, Ullman and Oprea, arXiv 2006.07709): an (ε, δ)-DP
 * run has TPR ≤ e^ε·FPR + δ and TNR ≤ e^ε·FNR + δ.
 */
public final class TwoWorldBound {
  private static final int THRESHOLDS = 200;

  private TwoWorldBound() {}

  /**
   * What the test got wrong.
   *
   * @param misses of the {@code in} trials
   * @param falseAlarms of the {@code out} trials
   */
  public record Errors(int in, int out, int misses, int falseAlarms) {
    public Errors {
      if (misses < 0 || misses > in || falseAlarms < 0 || falseAlarms > out) {
        throw new IllegalArgumentException(
            "misses must be in 0.."
                + in
                + " and false alarms in 0.."
                + out
                + ", got "
                + misses
                + " and "
                + falseAlarms);
      }
    }
  }

  /** ε (nats) that the error rates refute at a significance, 0 if none. */
  public static double epsilon(Errors errors, double delta, double significance) {
    double misses = upper(errors.misses(), errors.in(), significance / 2);
    double alarms = upper(errors.falseAlarms(), errors.out(), significance / 2);
    return Math.max(
        0,
        Math.max(
            Math.log(Math.max(0, 1 - misses - delta) / alarms),
            Math.log(Math.max(0, 1 - alarms - delta) / misses)));
  }

  /** Upper Clopper–Pearson limit of a rate. */
  private static double upper(int count, int trials, double tail) {
    if (count >= trials) {
      return 1;
    }
    return new BetaDistribution(null, count + 1.0, trials - (double) count, 1e-12)
        .inverseCumulativeProbability(1 - tail);
  }

  /**
   * The bound at the threshold that does best on every second canary, measured on the others, so
   * that choosing it costs no significance. Takes canaries as independent trials.
   */
  public static Finding best(List<CanaryScore> scores, double delta, double significance) {
    double[] sorted = scores.stream().mapToDouble(CanaryScore::score).sorted().toArray();
    double chosen = Double.NaN;
    double most = -1;
    for (int i = 1; i < THRESHOLDS; i++) {
      double threshold = sorted[(int) ((long) sorted.length * i / THRESHOLDS)];
      double found = epsilon(errors(scores, threshold, 0), delta, significance);
      if (found > most) {
        most = found;
        chosen = threshold;
      }
    }
    Errors errors = errors(scores, chosen, 1);
    return new Finding(epsilon(errors, delta, significance), chosen, errors);
  }

  /** The bound, the threshold on the score and the errors that it made. */
  public record Finding(double epsilon, double threshold, Errors errors) {}

  private static Errors errors(List<CanaryScore> scores, double threshold, int from) {
    int in = 0;
    int out = 0;
    int misses = 0;
    int alarms = 0;
    for (int i = from; i < scores.size(); i += 2) {
      CanaryScore canary = scores.get(i);
      boolean guessedIn = canary.score() >= threshold;
      if (canary.in()) {
        in++;
        misses += guessedIn ? 0 : 1;
      } else {
        out++;
        alarms += guessedIn ? 1 : 0;
      }
    }
    return new Errors(in, out, misses, alarms);
  }
}
