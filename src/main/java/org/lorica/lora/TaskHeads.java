package org.lorica.lora;

import java.util.List;

/** Names that Hugging Face's models give to the tensors of their heads. */
public final class TaskHeads {
  private static final List<String> PREFIXES =
      List.of(
          "cls.",
          "lm_head.",
          "classifier.",
          "cls_classifier.",
          "distillation_classifier.",
          "qa_outputs.",
          "score.",
          "decoder.");

  private TaskHeads() {}

  /** Whether a tensor belongs to some head, so that it is of no use beside a fresh one. */
  public static boolean owns(String tensor) {
    return PREFIXES.stream().anyMatch(tensor::startsWith);
  }
}
