package org.lorica.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options shared by {@code predict} and {@code evaluate}. */
final class InferenceOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "Model folder: config.json, model.safetensors; tokenizer.json or preprocessor_config.json.")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "PEFT adapter folder; without it, the base model.")
  private Path adapter;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          ".tsv with a header (sentence, label), .jsonl (text, label); for images a labels.csv"
              + " (image, label) or a folder that holds one.")
  private Path data;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      defaultValue = "512",
      description = "Longer texts are cut (default: ${DEFAULT-VALUE} or the model's limit).")
  private int maxLength;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      description = "Height and width of the images that the model sees (default: the model's).")
  private Integer imageSize;

  @Option(
      names = "--labels",
      paramLabel = "NAME,...",
      split = ",",
      description = "Class names in the order of their indices, if labels.csv names classes.")
  private List<String> labels = new ArrayList<>();

  Inference open() {
    if (maxLength < 1) {
      throw new IllegalArgumentException("--max-length must be > 0 tokens, got " + maxLength);
    }
    if (imageSize != null && imageSize < 1) {
      throw new IllegalArgumentException("--image-size must be > 0 pixels, got " + imageSize);
    }
    return Inference.open(
        new Inference.ModelFiles(
            model, Optional.ofNullable(adapter), Optional.ofNullable(imageSize)),
        new Inference.Data(data, maxLength, labels));
  }
}
