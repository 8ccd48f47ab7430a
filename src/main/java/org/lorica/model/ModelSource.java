package org.lorica.model;

import java.nio.file.Path;
import java.util.Locale;
import org.lorica.tensor.Kernels;

/** A model folder about to be loaded. */
record ModelSource(Path folder, HuggingFaceConfig config, LoadOptions options, Kernels kernels) {

  /** The folder's weights; {@code prefix} as {@link FrozenWeights#open} has it. */
  FrozenWeights weights(String prefix) {
    return FrozenWeights.open(folder, kernels, prefix, options);
  }

  /** Refuses a stored head that was trained for something else than {@code task}. */
  void requireHeadFor(Model.Task task) {
    if (options.head().isEmpty()) {
      config.requireProblem(task);
      config.refuseArchitecture("ForMultipleChoice");
    }
  }

  /** Refuses options that this architecture has no use for. */
  void refuseImageSize(String type) {
    if (options.imageSize().isPresent()) {
      throw new IllegalArgumentException(
          folder + ": an image size has no meaning for model_type " + type + ", which reads text");
    }
  }

  /** This source, if the task is one of a decoder. */
  ModelSource ofDecoder(String type) {
    if (options.task().filter(task -> task == Model.Task.QUESTION_ANSWERING).isPresent()) {
      throw refused(
          "model.task must be null, causal-lm, sequence-classification or regression",
          type,
          spelled());
    }
    if (options.task().filter(task -> task == Model.Task.CAUSAL_LANGUAGE_MODELLING).isPresent()
        && options.head().isPresent()) {
      throw refused(
          "model.head-init must be checkpoint when model.task = causal-lm",
          type,
          options.head().get().start().name().toLowerCase(Locale.ROOT));
    }
    return this;
  }

  /** This source, if the task is the one of a classifier of images. */
  ModelSource ofImages(String type) {
    if (options.task().filter(task -> task != Model.Task.SEQUENCE_CLASSIFICATION).isPresent()) {
      throw refused("model.task must be null or sequence-classification", type, spelled());
    }
    return this;
  }

  private String spelled() {
    return options.task().map(Model.Task::key).orElse("null");
  }

  private IllegalArgumentException refused(String must, String type, String found) {
    return new IllegalArgumentException(
        folder + ": " + must + " for model_type " + type + ", got " + found);
  }
}
