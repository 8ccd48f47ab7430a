package org.lorica.model;

import java.nio.file.Path;
import java.util.List;
import org.lorica.tensor.Kernels;

/** Opens model folders in Hugging Face's layout: config.json and model.safetensors. */
public final class Models {
  private static final String BERT = "bert";
  private static final String LLAMA = "llama";

  private Models() {}

  /**
   * Loads a frozen model into off-heap memory, in the kernels' precision.
   *
   * @throws IllegalArgumentException if the architecture is not supported, or a tensor is missing,
   *     of the wrong shape or has no place in the architecture
   */
  public static Model load(Path folder, Kernels kernels) {
    HuggingFaceConfig config = HuggingFaceConfig.read(folder);
    String type = config.oneOf("model_type", List.of(BERT, LLAMA));
    return type.equals(BERT)
        ? BertClassifier.load(folder, config, kernels)
        : LlamaCausalLm.load(folder, config, kernels);
  }
}
