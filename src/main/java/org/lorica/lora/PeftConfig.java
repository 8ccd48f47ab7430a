package org.lorica.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code adapter_config.json} of a PEFT adapter, as far as Lorica reads and writes it. */
public record PeftConfig(
    int rank, double alpha, boolean rankStabilized, List<String> targetModules, Origin origin) {
  /** File name inside an adapter folder. */
  public static final String FILE = "adapter_config.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  public PeftConfig {
    targetModules = List.copyOf(targetModules);
    if (rank <= 0) {
      throw new IllegalArgumentException(FILE + ": r must be > 0, got " + rank);
    }
  }

  /**
   * What the adapter belongs to.
   *
   * @param taskType {@code SEQ_CLS} or {@code CAUSAL_LM}
   * @param modulesToSave trained head modules; empty if the head is frozen
   */
  public record Origin(String taskType, String baseModel, List<String> modulesToSave) {
    public Origin {
      modulesToSave = List.copyOf(modulesToSave);
    }
  }

  /** s in y = W x + s·B(A x). */
  public double scaling() {
    return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
  }

  /** Another rank at the same scaling. */
  public PeftConfig withRank(int other) {
    if (other == rank) {
      return this;
    }
    double divisor = rankStabilized ? Math.sqrt(other) : other;
    return new PeftConfig(other, scaling() * divisor, rankStabilized, targetModules, origin);
  }

  /** Reads a folder's {@code adapter_config.json}. */
  public static PeftConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          file + ": no such file; an adapter folder must hold " + FILE);
    }
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      for (String key : List.of("r", "lora_alpha", "target_modules")) {
        if (!json.has(key)) {
          throw new IllegalArgumentException(file + ": key " + key + " is missing");
        }
      }
      for (String key : List.of("rank_pattern", "alpha_pattern")) {
        if (!json.path(key).isEmpty()) {
          throw new IllegalArgumentException(
              file
                  + ": "
                  + key
                  + ": expected nothing, because every module has the same rank and alpha here,"
                  + " found "
                  + json.get(key));
        }
      }
      return new PeftConfig(
          json.get("r").asInt(),
          json.get("lora_alpha").asDouble(),
          json.path("use_rslora").asBoolean(false),
          strings(json.get("target_modules")),
          new Origin(
              json.path("task_type").asText("SEQ_CLS"),
              json.path("base_model_name_or_path").asText(""),
              strings(json.path("modules_to_save"))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> strings(JsonNode node) {
    List<String> values = new ArrayList<>();
    if (node.isTextual()) {
      values.add(node.asText());
    }
    node.forEach(n -> values.add(n.asText()));
    return values;
  }

  /** Writes the file into {@code folder}. */
  public void write(Path folder) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("peft_type", "LORA").put("task_type", origin.taskType());
    json.put("r", rank).put("lora_alpha", alpha).put("lora_dropout", 0.0).put("bias", "none");
    json.put("use_rslora", rankStabilized);
    ArrayNode targets = json.putArray("target_modules");
    targetModules.forEach(targets::add);
    if (!origin.modulesToSave().isEmpty()) {
      ArrayNode saved = json.putArray("modules_to_save");
      origin.modulesToSave().forEach(saved::add);
    }
    json.put("base_model_name_or_path", origin.baseModel());
    json.put("fan_in_fan_out", false).put("inference_mode", true);
    Files.writeString(
        folder.resolve(FILE),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }
}
