package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.data.Target;

/** Whether what examples are to be predicted as is what a model predicts. */
final class Targets {
  private Targets() {}

  /** Refuses a target that lies outside the model or the example. */
  static void requireFitting(Model model, Example example, int index) {
    Target target = example.target();
    if (target instanceof Target.Label label
        && model.task() == Model.Task.SEQUENCE_CLASSIFICATION) {
      TransformerWorker.requireBelow(model.outputs(), label.index(), "the label of example", index);
    } else if (target instanceof Target.AnswerSpan span) {
      TransformerWorker.requireBelow(
          example.length(), span.last(), "the answer's last token of example", index);
    } else if (target instanceof Target.Response response) {
      TransformerWorker.requireBelow(
          example.length() + 1, response.from(), "the response's first token of example", index);
    }
  }

  /** Refuses to train on examples that lack the task's target. */
  static void requirePresent(Model.Task task, List<Example> batch) {
    List<Integer> missing = new ArrayList<>();
    for (int e = 0; e < batch.size(); e++) {
      if (!task.trainsOn(batch.get(e).target())) {
        missing.add(e);
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "training needs "
              + task.targetName()
              + " for every example of the batch, got none for "
              + missing);
    }
  }
}
