package org.lorica.privacy.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.special.Beta;

/**
 * Lower bound on ε from one run with many canaries, each in with probability ½ (Steinke, Nasr and
 * Jagielski, arXiv 2305.08846, theorem 5.2): an ε-DP run lets nobody guess many of the coins right.
 */
public final class OneRunBound {
  /** Shares of the canaries that are guessed; the others are abstained from. */
  private static final double[] GUESSED = {1, 0.5, 0.2, 0.1, 0.05, 0.02};

  private static final double GREATEST = 100;

  private OneRunBound() {}

  /** Of {@code canaries}, {@code guesses} were guessed and {@code correct} of these were right. */
  public record Outcome(int canaries, int guesses, int correct) {
    public Outcome {
      if (correct < 0 || guesses < correct || canaries < guesses) {
        throw new IllegalArgumentException(
            "0 <= correct <= guesses <= canaries must hold, got "
                + correct
                + ", "
                + guesses
                + ", "
                + canaries);
      }
    }
  }

  /** Greatest probability of so many correct guesses under any (ε, δ)-DP run. */
  public static double pValue(Outcome outcome, double epsilon, double delta) {
    double p = 1 / (1 + Math.exp(-epsilon));
    int correct = outcome.correct();
    double atLeast = atLeast(outcome.guesses(), p, correct);
    double steepest = 0;
    if (delta > 0) {
      for (int i = 1; i <= correct; i++) {
        double gain = (atLeast(outcome.guesses(), p, correct - i) - atLeast) / i;
        steepest = Math.max(steepest, gain);
      }
    }
    return Math.min(1, atLeast + 2 * outcome.canaries() * delta * steepest);
  }

  /** P[Bin(n, p) ≥ x]. */
  private static double atLeast(int n, double p, int x) {
    if (x <= 0) {
      return 1;
    }
    return p == 1 ? 1 : Beta.regularizedBeta(p, x, n - x + 1.0);
  }

  /** The greatest ε (nats) that the outcome refutes at a significance, 0 if none. */
  public static double epsilon(Outcome outcome, double delta, double significance) {
    if (pValue(outcome, 0, delta) > significance) {
      return 0;
    }
    double low = 0;
    double high = 1;
    while (high < GREATEST && pValue(outcome, high, delta) <= significance) {
      low = high;
      high *= 2;
    }
    while (high - low > 1e-10) {
      double middle = (low + high) / 2;
      if (pValue(outcome, middle, delta) <= significance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The bound for the share of guesses that does best on every second canary, measured on the
   * others: their coins are still fair to one who knows the first ones', so choosing costs nothing.
   */
  public static Finding best(List<CanaryScore> scores, double delta, double significance) {
    List<CanaryScore> trial = half(scores, 0);
    double chosen = GUESSED[0];
    double most = -1;
    for (double share : GUESSED) {
      double found = epsilon(outcome(trial, share), delta, significance);
      if (found > most) {
        most = found;
        chosen = share;
      }
    }
    Outcome outcome = outcome(half(scores, 1), chosen);
    return new Finding(epsilon(outcome, delta, significance), outcome);
  }

  private static List<CanaryScore> half(List<CanaryScore> scores, int from) {
    List<CanaryScore> half = new ArrayList<>();
    for (int i = from; i < scores.size(); i += 2) {
      half.add(scores.get(i));
    }
    half.sort(Comparator.comparingDouble(CanaryScore::score));
    return half;
  }

  /** Guesses "out" for the lowest scores and "in" for as many of the highest. */
  private static Outcome outcome(List<CanaryScore> sorted, double share) {
    int side = (int) (share * sorted.size() / 2);
    int correct = 0;
    for (int i = 0; i < side; i++) {
      correct += sorted.get(i).in() ? 0 : 1;
      correct += sorted.get(sorted.size() - 1 - i).in() ? 1 : 0;
    }
    return new Outcome(sorted.size(), 2 * side, correct);
  }

  /** The bound, and the outcome that gave it. */
  public record Finding(double epsilon, Outcome outcome) {}
}
