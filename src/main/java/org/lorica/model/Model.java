package org.lorica.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lorica.data.ImageShape;
import org.lorica.data.Target;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;

/** A frozen backbone with a task head. Immutable, loaded once per JVM, shared by all threads. */
public interface Model {

  /** What the model computes. */
  enum Task {
    /** One of several classes of a text or an image. */
    SEQUENCE_CLASSIFICATION("a label", Target.Label.class),
    /** A number for a whole example; squared error. */
    REGRESSION("a value", Target.Value.class),
    /** First and last token of the answer; mean of two cross-entropies. */
    QUESTION_ANSWERING("an answer span", Target.AnswerSpan.class),
    /** The next token; mean cross-entropy. */
    CAUSAL_LANGUAGE_MODELLING("text", Target.class);

    private final String targetName;
    private final Class<? extends Target> target;

    Task(String targetName, Class<? extends Target> target) {
      this.targetName = targetName;
      this.target = target;
    }

    /** What an example must have, in words. */
    public String targetName() {
      return targetName;
    }

    /** As {@code model.task} in a configuration spells it. */
    public String key() {
      return this == CAUSAL_LANGUAGE_MODELLING
          ? "causal-lm"
          : name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether an example with this target can be trained on. */
    public boolean trainsOn(Target found) {
      return target.isInstance(found);
    }
  }

  Task task();

  /** All linear layers that can carry an adapter, in order of the forward pass. */
  List<LoraModule> linearModules();

  /**
   * Tensors of the head that can be trained, such as {@code classifier.weight} (c × d) and {@code
   * classifier.bias} (1 × c); may be empty.
   */
  List<LoraModule> headModules();

  /**
   * The head's frozen values in the order of {@link #headModules}, row by row: the start of a
   * trained head.
   */
  float[] headValues();

  /**
   * Number of classes or the vocabulary's size; 1 for regression, 2 (first, last) for question
   * answering.
   */
  int outputs();

  /** The images that the model takes; empty where it takes tokens. */
  default Optional<ImageShape> image() {
    return Optional.empty();
  }

  /** Size of the vocabulary: token ids must be below; 0 where the model takes images. */
  int vocabularySize();

  /**
   * Segments (token types) that the model tells apart: those of tokens must be below. A model that
   * reads none takes any, for a decoder's tokenizer marks second texts as well.
   */
  default int segments() {
    return Integer.MAX_VALUE;
  }

  /** Longest sequence, in tokens; the token rows of an image where the model takes images. */
  int maxPositions();

  /** Number of frozen parameters. */
  long parameters();

  /** A worker for one thread: its memory is reserved on first use and kept. */
  Worker worker(AdapterLayout layout);
}
