package org.lorica.model;

import java.nio.file.Path;
import java.util.List;
import org.lorica.tensor.Kernels;

/** Opens model folders in Hugging Face's layout: config.json and model.safetensors. */
public final class Models {
  private static final String BERT = "bert";
  private static final String LLAMA = "llama";

  private Models() {}

  /** Loads a frozen model with the head of its file. */
  public static Model load(Path folder, Kernels kernels) {
    return load(folder, kernels, HeadChoice.ofCheckpoint());
  }

  /**
   * Loads a frozen model into off-heap memory, in the kernels' precision.
   *
   * @throws IllegalArgumentException if the architecture is not supported, or a tensor is missing,
   *     of the wrong shape or has no place in the architecture
   */
  public static Model load(Path folder, Kernels kernels, HeadChoice head) {
    HuggingFaceConfig config = HuggingFaceConfig.read(folder);
    String type = config.oneOf("model_type", List.of(BERT, LLAMA));
    if (type.equals(BERT)) {
      return BertClassifier.load(folder, config, kernels, head);
    }
    if (head.task().orElse(Model.Task.CAUSAL_LANGUAGE_MODELLING)
            != Model.Task.CAUSAL_LANGUAGE_MODELLING
        || head.start() != HeadChoice.Start.CHECKPOINT) {
      throw new IllegalArgumentException(
          "model.task and model.head-start: "
              + folder
              + " is a causal language model and keeps its own head");
    }
    return LlamaCausalLm.load(folder, config, kernels);
  }
}
