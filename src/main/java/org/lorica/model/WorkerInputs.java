package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.data.Target;
import org.lorica.data.Tokens;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;

/** Whether what a worker is given fits its model: the adapter, the examples, their targets. */
final class WorkerInputs {
  private final Model model;
  private final int adapterSize;

  WorkerInputs(Model model, AdapterLayout layout) {
    requireKnown(layout.modules(), model.linearModules(), "linear layers");
    requireKnown(layout.head(), model.headModules(), "head tensors");
    this.model = model;
    this.adapterSize = layout.size();
  }

  private static void requireKnown(List<LoraModule> asked, List<LoraModule> known, String what) {
    for (LoraModule module : asked) {
      if (!known.contains(module)) {
        throw new IllegalArgumentException(
            "the adapter's layout: expected one of the model's "
                + what
                + " "
                + known
                + ", found "
                + module);
      }
    }
  }

  /** Values of the adapter. */
  int adapterSize() {
    return adapterSize;
  }

  /** Refuses an adapter of another size, and an example or target outside the model. */
  void requireFitting(float[] adapter, List<Example> batch) {
    if (adapter.length != adapterSize) {
      throw new IllegalArgumentException(
          "the adapter must have " + adapterSize + " values, got " + adapter.length);
    }
    Optional<ImageShape> image = model.image();
    for (int e = 0; e < batch.size(); e++) {
      if (image.isPresent()) {
        requireImage(image.get(), batch.get(e));
      } else {
        requireTokens(batch.get(e));
      }
      requireTarget(batch.get(e), e);
    }
  }

  /** Refuses also examples that lack the task's target. */
  void requireTrainable(float[] adapter, List<Example> batch) {
    requireFitting(adapter, batch);
    List<Integer> missing = new ArrayList<>();
    for (int e = 0; e < batch.size(); e++) {
      if (!model.task().trainsOn(batch.get(e).target())) {
        missing.add(e);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "training needs "
              + model.task().targetName()
              + " for every example of the batch, got none for "
              + missing);
    }
  }

  private static void requireImage(ImageShape shape, Example example) {
    if (!(example.input() instanceof Image image) || !image.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "every example of the batch must be an image of "
              + shape
              + ", which the model takes, got "
              + (example.input() instanceof Image ? example.input() : "tokens"));
    }
  }

  private void requireTokens(Example example) {
    Tokens tokens = example.tokens();
    if (tokens.length() > model.maxPositions()) {
      throw new IllegalArgumentException(
          "every example of the batch must have at most "
              + model.maxPositions()
              + " tokens, the model's longest sequence, got "
              + tokens.length());
    }
    for (int i = 0; i < tokens.length(); i++) {
      requireBelow(model.vocabularySize(), tokens.id(i), "an example's token", i);
      requireBelow(model.segments(), tokens.segment(i), "the segment of token", i);
    }
  }

  private void requireTarget(Example example, int index) {
    Target target = example.target();
    if (target instanceof Target.Label label
        && model.task() == Model.Task.SEQUENCE_CLASSIFICATION) {
      requireBelow(model.outputs(), label.index(), "the label of example", index);
    } else if (target instanceof Target.AnswerSpan span) {
      requireBelow(example.length(), span.last(), "the answer's last token of example", index);
    } else if (target instanceof Target.Response response) {
      requireBelow(
          example.length() + 1, response.from(), "the response's first token of example", index);
    }
  }

  /** Named by parts: words for every token that fits would be garbage. */
  private static void requireBelow(int bound, int value, String what, int index) {
    if (value < 0 || value >= bound) {
      throw new IllegalArgumentException(
          what + " " + index + " of the batch must be 0 to " + (bound - 1) + ", got " + value);
    }
  }
}
