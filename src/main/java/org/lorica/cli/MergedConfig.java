package org.lorica.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lorica.model.Model;

/**
 * config.json of a merged model whose head is the run's: task, classes and their names.
 *
 * @param labels names of the classes by index; LABEL_0, LABEL_1, … where their number does not fit
 */
record MergedConfig(Model.Task task, int outputs, List<String> labels) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> CLASS_NAMES =
      Map.of("bert", "Bert", "roberta", "Roberta", "llama", "Llama");

  /** Rewrites the file of {@code folder}; what it need not change stays. */
  void updateInPlace(Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(file));
    boolean renamed = labels.size() == outputs || declared(config) != outputs;
    if (task != Model.Task.QUESTION_ANSWERING && renamed) {
      nameClasses(config);
    }
    String name = CLASS_NAMES.get(config.path("model_type").asText());
    if (name != null) {
      boolean span = task == Model.Task.QUESTION_ANSWERING;
      config
          .putArray("architectures")
          .add(name + (span ? "ForQuestionAnswering" : "ForSequenceClassification"));
    }
    JsonNode problem = config.path("problem_type");
    if (problem.isTextual() && task == Model.Task.SEQUENCE_CLASSIFICATION) {
      config.put("problem_type", "single_label_classification");
    }
    if (task == Model.Task.REGRESSION) {
      config.put("problem_type", "regression");
    }
    write(file, config);
  }

  /**
   * What the weights are written in: transformers 5 loads a model in the type that its file names.
   */
  static void nameTypeInPlace(Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(file));
    boolean other = false;
    for (String key : List.of("dtype", "torch_dtype")) {
      if (config.hasNonNull(key) && !config.path(key).asText().equals("float32")) {
        config.put(key, "float32");
        other = true;
      }
    }
    if (other) {
      write(file, config);
    }
  }

  private static void write(Path file, ObjectNode config) throws IOException {
    Files.writeString(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }

  /** Classes that the file speaks of; Hugging Face takes 2 where it is silent. */
  private static int declared(ObjectNode config) {
    if (config.path("id2label").isObject()) {
      int named = config.path("id2label").size();
      return config.path("num_labels").asInt(named) == named ? named : -1;
    }
    return config.path("num_labels").asInt(2);
  }

  private void nameClasses(ObjectNode config) {
    ObjectNode names = config.putObject("id2label");
    ObjectNode indices = config.putObject("label2id");
    for (int i = 0; i < outputs; i++) {
      String name = labels.size() == outputs ? labels.get(i) : "LABEL_" + i;
      names.put(Integer.toString(i), name);
      indices.put(name, i);
    }
    config.put("num_labels", outputs);
  }
}
