package org.lorica.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lorica.tensor.Kernels;

/**
 * Opens model folders in Hugging Face's layout (config.json and model.safetensors), and networks of
 * DL4J ({@code model.zip} in a folder without config.json, or a .zip by its own name).
 */
public final class Models {
  private static final String BERT = "bert";
  private static final String ROBERTA = "roberta";
  private static final String LLAMA = "llama";
  private static final String VIT = "vit";
  private static final String DEIT = "deit";
  private static final String SWIN = "swin";

  private Models() {}

  /**
   * Whether a head may take the stored one's place: a network of DL4J, which has no config.json,
   * keeps its own output layer.
   */
  public static boolean takesFreshHead(Path place) {
    return Files.exists(place.resolve("config.json"));
  }

  /** Loads a model as its folder says; see {@link #load(Path, Kernels, LoadOptions)}. */
  public static Model load(Path folder, Kernels kernels) {
    return load(folder, kernels, LoadOptions.AS_STORED);
  }

  /**
   * Loads a frozen model into off-heap memory, in the kernels' precision.
   *
   * @throws IllegalArgumentException if the architecture is not supported, or a tensor is missing,
   *     of the wrong shape, not finite or has no place in the architecture
   */
  public static Model load(Path folder, Kernels kernels, LoadOptions options) {
    Optional<Path> dl4j =
        switch (options.family()) {
          case AUTO -> Dl4jNetwork.file(folder);
          case TRANSFORMERS -> Optional.empty();
          case DL4J -> Optional.of(Dl4jNetwork.required(folder));
        };
    if (dl4j.isPresent()) {
      return Dl4jNetwork.load(dl4j.get(), options, kernels);
    }
    HuggingFaceConfig config = HuggingFaceConfig.read(folder);
    String type = config.oneOf("model_type", List.of(BERT, ROBERTA, LLAMA, VIT, DEIT, SWIN));
    config.require("quantization_config", "null"); // weights are read as they are stored
    ModelSource source = new ModelSource(folder, config, options, kernels);
    return switch (type) {
      case VIT -> VitClassifier.load(source.ofImages(type), VitClassifier.Family.VIT);
      case DEIT -> VitClassifier.load(source.ofImages(type), VitClassifier.Family.DEIT);
      case SWIN -> SwinClassifier.load(source.ofImages(type));
      default -> text(type, source);
    };
  }

  private static Model text(String type, ModelSource source) {
    source.refuseImageSize(type);
    return switch (type) {
      case BERT -> BertClassifier.load(source, BertClassifier.Family.BERT);
      case ROBERTA -> BertClassifier.load(source, BertClassifier.Family.ROBERTA);
      default -> Llama.load(source.ofDecoder(type));
    };
  }
}
