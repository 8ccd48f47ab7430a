package org.lorica.model;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;

/**
 * The frozen values of BERT's head.
 *
 * @param pooler null for question answering, which has none
 * @param outputs {@code classifier} (classes × width) or {@code qa_outputs} (2 × width)
 */
record BertHead(Model.Task task, Linear pooler, Linear outputs) {
  private static final String CLASSIFIER = "classifier";
  private static final String SPAN = "qa_outputs";
  private static final double FRESH_DEVIATION = 0.02; // BERT's initializer_range
  private static final Set<String> HEADS = Set.of(CLASSIFIER, SPAN, "cls");

  static BertHead load(FrozenWeights weights, int width, HeadChoice choice) {
    Model.Task task = choice.task().orElseGet(() -> taskOf(weights));
    if (task == Model.Task.CAUSAL_LANGUAGE_MODELLING) {
      throw new IllegalArgumentException(
          "model.task must be sequence-classification, regression or question-answering for a BERT"
              + " model, got causal-language-modelling");
    }
    if (task == Model.Task.QUESTION_ANSWERING) {
      return new BertHead(task, null, outputs(weights, SPAN, Optional.of(2), width, choice));
    }
    Optional<Integer> height = task == Model.Task.REGRESSION ? Optional.of(1) : Optional.empty();
    Linear classifier = outputs(weights, CLASSIFIER, height, width, choice);
    boolean single = classifier.out() == 1 && choice.task().isEmpty();
    return new BertHead(
        single ? Model.Task.REGRESSION : task,
        weights.linear("bert.pooler.dense", width, width),
        classifier);
  }

  private static Model.Task taskOf(FrozenWeights weights) {
    if (weights.has(SPAN + ".weight")) {
      return Model.Task.QUESTION_ANSWERING;
    }
    return Model.Task.SEQUENCE_CLASSIFICATION; // whose missing tensor is then named
  }

  private static Linear outputs(
      FrozenWeights weights, String name, Optional<Integer> height, int width, HeadChoice choice) {
    if (choice.start() == HeadChoice.Start.CHECKPOINT) {
      int rows = height.isPresent() ? height.get() : weights.rows(name + ".weight");
      return weights.linear(name, rows, width);
    }
    double deviation = choice.start() == HeadChoice.Start.ZERO ? 0 : FRESH_DEVIATION;
    LoraModule module = new LoraModule(name, height.orElse(choice.outputs()), width);
    return weights.fresh(module, deviation, choice.key());
  }

  /** Whether a stored tensor belongs to a head that this choice puts aside. */
  boolean leavesOut(String name, HeadChoice choice) {
    Predicate<String> belongs = head -> name.startsWith(head + ".");
    boolean unusedPooler = pooler == null && name.startsWith("bert.pooler.");
    boolean chosen = choice.task().isPresent() || choice.start() != HeadChoice.Start.CHECKPOINT;
    return unusedPooler || (chosen && HEADS.stream().anyMatch(belongs));
  }

  /** For one worker. */
  Head of(AdapterLayout layout) {
    HeadLinear linear = new HeadLinear(outputs, layout);
    return switch (task) {
      case QUESTION_ANSWERING -> new SpanHead(linear);
      case REGRESSION -> new PooledHead(pooler, linear, PooledLoss.SQUARED_ERROR);
      default -> new PooledHead(pooler, linear, PooledLoss.CROSS_ENTROPY);
    };
  }
}
