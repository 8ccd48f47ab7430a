package org.lorica.tensor;

/**
 * Weights of a normalisation layer: gamma (1 × d), beta (1 × d, null for RMS norm) and the added
 * epsilon.
 */
public record Norm(Tensor gamma, Tensor beta, double epsilon) {
  public Norm {
    if (!(epsilon >= 0)) {
      throw new IllegalArgumentException("epsilon must be >= 0, got " + epsilon);
    }
  }

  /** Whether a row's mean is taken off: layer norm. */
  public boolean centred() {
    return beta != null;
  }
}
