package org.lorica.tensor;

/**
 * How a model that was trained on short texts turns its angles on longer ones: a map of the
 * frequencies, angles for each position.
 */
public sealed interface RotaryScaling {
  /** As they are. */
  RotaryScaling NONE = new Linear(1);

  /** The scaled frequency, in radians a position. */
  double of(double frequency);

  /**
   * Position interpolation (arXiv 2306.15595): all positions closer together.
   *
   * @param factor > 0, by which frequencies are divided
   */
  record Linear(double factor) implements RotaryScaling {
    public Linear {
      requirePositive("factor", factor);
    }

    @Override
    public double of(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3.1's (arXiv 2407.21783, as its published code has it): slow angles are divided by the
   * factor, fast ones left alone, and what lies between is mixed.
   *
   * @param slow an angle that turns fewer times than this over the original length is slow
   * @param fast one that turns more often is fast; > slow
   * @param originalPositions length of the texts before scaling, in tokens
   */
  record Llama3(double factor, double slow, double fast, int originalPositions)
      implements RotaryScaling {
    public Llama3 {
      requirePositive("factor", factor);
      requirePositive("slow", slow);
      requirePositive("originalPositions", originalPositions);
      if (!(fast > slow)) {
        throw new IllegalArgumentException("fast must be > slow = " + slow + ", got " + fast);
      }
    }

    @Override
    public double of(double frequency) {
      double turns = originalPositions * frequency / (2 * Math.PI);
      double unscaled = Math.min(1, Math.max(0, (turns - slow) / (fast - slow)));
      return unscaled * frequency + (1 - unscaled) * frequency / factor;
    }
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(name + " must be > 0 and finite, got " + value);
    }
  }
}
