package org.lorica.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.lorica.config.RecordFormat;
import org.lorica.data.Example;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.metrics.Outcome;
import org.lorica.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorica evaluate}: loss and metric on a labelled file, as one JSON object. */
@Command(
    name = "evaluate",
    description = "Prints loss (nats) and the metrics of the model's task as one JSON object.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private InferenceOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    Inference inference = options.open();
    Model.Task task = inference.model().task();
    RecordFormat.Questions questions = inference.questions();
    List<Outcome> outcomes = new ArrayList<>();
    inference.forEachBatch(
        (first, predictions) -> {
          for (int i = 0; i < predictions.examples(); i++) {
            Example example = inference.examples().get(first + i);
            Outcome.of(task, example, predictions, i, questions.maxAnswer())
                .ifPresent(outcomes::add);
          }
        });
    if (outcomes.isEmpty()) {
      throw new IllegalArgumentException(
          "--data: no row has a label (or more than one token), so there is nothing to evaluate");
    }
    Evaluation evaluation = Evaluator.summarise(task, outcomes, questions.noAnswerThreshold());
    ObjectMapper json = new ObjectMapper();
    ObjectNode line = json.createObjectNode();
    line.put("examples", evaluation.examples()).put("loss", evaluation.loss());
    evaluation.metrics().forEach(line::put);
    spec.commandLine().getOut().println(json.writeValueAsString(line));
    return 0;
  }
}
