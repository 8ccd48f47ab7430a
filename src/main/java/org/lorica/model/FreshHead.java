package org.lorica.model;

import java.util.Optional;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * A task head that does not come from the checkpoint: its output layer is new, also where the
 * checkpoint has one of another number of classes. A layer between backbone and output layer is
 * taken from the checkpoint where it is there, and is random otherwise.
 *
 * @param classes number of classes; empty for the checkpoint's own
 * @param key the draws depend on it alone
 */
public record FreshHead(Start start, Optional<Integer> classes, RandomKey key) {
  private static final double DEVIATION = 0.02; // Hugging Face's initializer_range

  /** Values of the new output layer. */
  public enum Start {
    /** Weights N(0, 0.02²), biases 0. */
    RANDOM,
    /** All 0: every class is equally likely before training. */
    ZERO
  }

  public FreshHead {
    if (classes.isPresent() && classes.get() < 1) {
      throw new IllegalArgumentException("classes must be >= 1, got " + classes.get());
    }
  }

  /** A place for a head whose values come from elsewhere, such as an adapter's file. */
  public static FreshHead placeholder(int classes) {
    return new FreshHead(Start.ZERO, Optional.of(classes), RandomKey.root(0));
  }

  float[] outputWeights(String name, int rows, int cols) {
    return start == Start.ZERO ? new float[rows * cols] : gaussian(name, rows, cols);
  }

  /** N(0, 0.02²), by the tensor's name. */
  float[] gaussian(String name, int rows, int cols) {
    double[] draws = new double[rows * cols];
    key.with(Purpose.MODEL_INIT).with(name.hashCode()).addGaussiansInPlace(DEVIATION, draws);
    float[] values = new float[draws.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draws[i];
    }
    return values;
  }
}
