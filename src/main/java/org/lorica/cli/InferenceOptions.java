package org.lorica.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options shared by {@code predict} and {@code evaluate}. */
final class InferenceOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model folder: config.json, model.safetensors, tokenizer.json.")
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
      description = ".tsv with a header (sentence, label), or .jsonl (text, label).")
  private Path data;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      defaultValue = "512",
      description = "Longer texts are cut (default: ${DEFAULT-VALUE} or the model's limit).")
  private int maxLength;

  Inference open() {
    if (maxLength < 1) {
      throw new IllegalArgumentException("--max-length must be > 0 tokens, got " + maxLength);
    }
    return Inference.open(model, Optional.ofNullable(adapter), data, maxLength);
  }
}
