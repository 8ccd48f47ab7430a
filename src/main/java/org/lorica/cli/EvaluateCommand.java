package org.lorica.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.lorica.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorica evaluate}: loss and metric on a labelled file, as one JSON object. */
@Command(
    name = "evaluate",
    description =
        "Prints loss (nats) and accuracy, or perplexity for language models, as one JSON object.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private InferenceOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    Inference inference = options.open();
    double[] loss = new double[1];
    int[] counts = new int[2]; // counted, correct
    inference.forEachBatch(
        (first, predictions) -> {
          for (int i = 0; i < predictions.examples(); i++) {
            if (!Double.isNaN(predictions.loss(i))) {
              loss[0] += predictions.loss(i);
              counts[0]++;
              counts[1] +=
                  predictions.best(i) == inference.examples().get(first + i).label() ? 1 : 0;
            }
          }
        });
    if (counts[0] == 0) {
      throw new IllegalArgumentException(
          "--data: no row has a label (or more than one token), so there is nothing to evaluate");
    }
    ObjectMapper json = new ObjectMapper();
    ObjectNode line = json.createObjectNode();
    line.put("examples", counts[0]).put("loss", loss[0] / counts[0]);
    if (inference.model().task() == Model.Task.SEQUENCE_CLASSIFICATION) {
      line.put("accuracy", (double) counts[1] / counts[0]);
    } else {
      line.put("perplexity", Math.exp(loss[0] / counts[0]));
    }
    spec.commandLine().getOut().println(json.writeValueAsString(line));
    return 0;
  }
}
