package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.local;
import static org.lorica.config.Checks.notBlank;
import static org.lorica.config.Checks.positive;

import java.util.Optional;

/**
 * lorica.model.{path, family, head, head-init, classes, task, max-length (tokens), image-size
 * (pixels)}.
 */
public record ModelConfig(
    String path,
    Family family,
    Head head,
    HeadStart headStart,
    int maxLength,
    Optional<Integer> imageSize) {
  /** What lies at the path; AUTO looks. */
  public enum Family {
    AUTO,
    TRANSFORMERS,
    DL4J
  }

  public enum Head {
    FROZEN,
    TRAINED
  }

  /**
   * lorica.model.{head-init, classes, task}; empty classes: as many as the checkpoint has; empty
   * task: the checkpoint's own.
   */
  public record HeadStart(Init init, Optional<Integer> classes, Optional<Task> task) {
    public enum Task {
      SEQUENCE_CLASSIFICATION,
      REGRESSION,
      QUESTION_ANSWERING,
      CAUSAL_LM
    }

    public enum Init {
      CHECKPOINT,
      RANDOM,
      ZERO
    }

    public HeadStart {
      classes.ifPresent(n -> atLeast(1, "lorica.model.classes", n));
      check(
          init != Init.CHECKPOINT || classes.isEmpty(),
          "lorica.model.head-init",
          "random or zero when lorica.model.classes is set: the checkpoint's head has its own",
          "checkpoint");
      task.ifPresent(wanted -> requireSense(init, classes, wanted));
    }

    private static void requireSense(Init init, Optional<Integer> classes, Task task) {
      check(
          task != Task.CAUSAL_LM || init == Init.CHECKPOINT,
          "lorica.model.head-init",
          "checkpoint when lorica.model.task = causal-lm: a language model keeps its head",
          Section.spelled(init));
      check(
          task == Task.SEQUENCE_CLASSIFICATION || classes.isEmpty(),
          "lorica.model.classes",
          "null when lorica.model.task = " + Section.spelled(task) + ", which has no classes",
          classes.map(Object::toString).orElse("null"));
      check(
          task != Task.SEQUENCE_CLASSIFICATION || classes.orElse(2) > 1,
          "lorica.model.classes",
          ">= 2 when lorica.model.task = sequence-classification",
          classes.map(Object::toString).orElse("null"));
    }
  }

  public ModelConfig {
    check(
        family != Family.DL4J
            || (headStart.init() == HeadStart.Init.CHECKPOINT && headStart.task().isEmpty()),
        "lorica.model.family",
        "auto or transformers when lorica.model.head-init or lorica.model.task is set: a DL4J"
            + " network keeps its own output layer",
        Section.spelled(family));
    notBlank("lorica.model.path", path);
    if (!path.startsWith("hf://")) {
      local("lorica.model.path", "a path of every node's own file system, or hf://…", path);
    }
    atLeast(2, "lorica.model.max-length", maxLength);
    imageSize.ifPresent(n -> positive("lorica.model.image-size", n));
  }
}
