package org.lorica.model;

/** Logits and losses of a batch, in input order. */
public final class Predictions {
  private final float[][] logits;
  private final double[] losses;

  Predictions(float[][] logits, double[] losses) {
    this.logits = logits;
    this.losses = losses;
  }

  public int examples() {
    return losses.length;
  }

  /**
   * Classification: one value a class. Regression: the value. Question answering: scores of every
   * token as the answer's first one, then as its last one. Language modelling: the logits at the
   * last position.
   */
  public float[] logits(int example) {
    return logits[example].clone();
  }

  /**
   * Nats (squared error for regression); the mean over next-token losses for language models; NaN
   * where there is nothing to predict.
   */
  public double loss(int example) {
    return losses[example];
  }

  /** The class of the greatest logit. */
  public int best(int example) {
    float[] row = logits[example];
    int best = 0;
    for (int j = 1; j < row.length; j++) {
      if (row[j] > row[best]) {
        best = j;
      }
    }
    return best;
  }
}
