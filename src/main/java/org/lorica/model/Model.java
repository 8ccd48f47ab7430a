package org.lorica.model;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;

/** A frozen backbone with a task head. Immutable, loaded once per JVM, shared by all threads. */
public interface Model {

  /** What the model computes. */
  enum Task {
    SEQUENCE_CLASSIFICATION,
    CAUSAL_LANGUAGE_MODELLING
  }

  Task task();

  /** All linear layers that can carry an adapter, in order of the forward pass. */
  List<LoraModule> linearModules();

  /**
   * Tensors of the head that can be trained ({@code classifier.weight} c × d, {@code
   * classifier.bias} 1 × c); may be empty.
   */
  List<LoraModule> headModules();

  /**
   * The head's frozen values in the order of {@link #headModules}, row by row: the start of a
   * trained head.
   */
  float[] headValues();

  /** Number of classes, or the vocabulary's size. */
  int outputs();

  /** Size of the vocabulary: token ids must be below. */
  int vocabularySize();

  /** Longest sequence, in tokens. */
  int maxPositions();

  /** Number of frozen parameters. */
  long parameters();

  /** A worker for one thread: its memory is reserved on first use and kept. */
  Worker worker(AdapterLayout layout);
}
