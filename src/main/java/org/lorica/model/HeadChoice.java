package org.lorica.model;

import java.util.Optional;
import org.lorica.random.RandomKey;

/**
 * Which head a model gets.
 *
 * @param task what it computes; empty = what the checkpoint was made for
 * @param outputs classes of a fresh head, > 0; not read with {@link Start#CHECKPOINT}
 * @param key of a fresh head's draws
 */
public record HeadChoice(Optional<Model.Task> task, Start start, int outputs, RandomKey key) {

  /** Where the head's values come from. */
  public enum Start {
    /** The model's own file. */
    CHECKPOINT,
    /** Fresh: weights N(0, 0.02²), biases 0. */
    RANDOM,
    /** Fresh: all 0. A frozen one would pass no gradient on. */
    ZERO
  }

  public HeadChoice {
    if (start != Start.CHECKPOINT && outputs <= 0) {
      throw new IllegalArgumentException(
          "model.head-outputs must be > 0 for a fresh head, got " + outputs);
    }
  }

  /** The head in the model's file. */
  public static HeadChoice ofCheckpoint() {
    return new HeadChoice(Optional.empty(), Start.CHECKPOINT, 0, RandomKey.root(0));
  }
}
