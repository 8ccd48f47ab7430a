package org.lorica.model;

import java.nio.file.Path;
import org.lorica.tensor.Kernels;

/** A model folder about to be loaded. */
record ModelSource(Path folder, HuggingFaceConfig config, LoadOptions options, Kernels kernels) {

  /** The folder's weights; {@code prefix} as {@link FrozenWeights#open} has it. */
  FrozenWeights weights(String prefix) {
    return FrozenWeights.open(folder, kernels.precision(), prefix, options);
  }

  /** Refuses options that this architecture has no use for. */
  void refuseImageSize(String type) {
    if (options.imageSize().isPresent()) {
      throw new IllegalArgumentException(
          folder + ": an image size has no meaning for model_type " + type + ", which reads text");
    }
  }
}
