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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code adapter_config.json} of a PEFT adapter, as far as Lorica reads and writes it.
 *
 * @param targetModules entries of PEFT's list, or its one regular expression
 * @param selection whether that list alone says which modules are adapted
 */
public record PeftConfig(
    LoraRanks ranks, List<String> targetModules, Selection selection, Origin origin) {
  /** File name inside an adapter folder. */
  public static final String FILE = "adapter_config.json";

  /** What PEFT takes for an adapter of no module, where an empty list is an error. */
  private static final String NO_MODULES = "dummy-target-modules";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What selects the adapted modules. */
  public enum Selection {
    /** A list of names or their last parts. */
    LISTED,
    /** A regular expression, layers_to_transform or exclude_modules: the tensors tell. */
    OTHERWISE
  }

  /** An adapter of listed modules. */
  public PeftConfig(LoraRanks ranks, List<String> targetModules, Origin origin) {
    this(ranks, targetModules, Selection.LISTED, origin);
  }

  public PeftConfig {
    targetModules = List.copyOf(targetModules);
    if (ranks.rank() <= 0) {
      throw new IllegalArgumentException(FILE + ": r must be > 0, got " + ranks.rank());
    }
  }

  /**
   * What the adapter belongs to.
   *
   * @param taskType such as {@code SEQ_CLS}; empty for none
   * @param modulesToSave trained head modules; empty if the head is frozen
   */
  public record Origin(String taskType, String baseModel, List<String> modulesToSave) {
    public Origin {
      modulesToSave = List.copyOf(modulesToSave);
    }
  }

  /** The layout of an adapter on {@code targets}, with a head's tensors or none. */
  public AdapterLayout layout(List<LoraModule> targets, List<LoraModule> head) {
    return new AdapterLayout(targets, head, ranks.of(targets));
  }

  /** The same adapter's after its ranks have grown to those of {@code layout}. */
  PeftConfig describing(AdapterLayout layout) {
    return new PeftConfig(ranks.describing(layout), targetModules, selection, origin);
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
      PeftVariants.refuse(json, file);
      for (String key : List.of("r", "lora_alpha", "target_modules")) {
        if (!json.has(key)) {
          throw new IllegalArgumentException(file + ": key " + key + " is missing");
        }
      }
      return new PeftConfig(
          ranks(json, file),
          targets(json.get("target_modules")),
          selection(json),
          new Origin(
              json.path("task_type").asText(""),
              json.path("base_model_name_or_path").asText(""),
              strings(json.path("modules_to_save"))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> targets(JsonNode node) {
    return node.asText().equals(NO_MODULES) ? List.of(TargetModules.NONE) : strings(node);
  }

  private static Selection selection(JsonNode json) {
    JsonNode targets = json.get("target_modules");
    boolean listed = targets.isArray() || targets.asText().equals(NO_MODULES);
    for (String key : List.of("layers_to_transform", "exclude_modules")) {
      listed &= json.path(key).isMissingNode() || json.path(key).isNull();
    }
    return listed ? Selection.LISTED : Selection.OTHERWISE;
  }

  private static LoraRanks ranks(JsonNode json, Path file) {
    Map<String, Integer> rankPattern = new LinkedHashMap<>();
    json.path("rank_pattern")
        .properties()
        .forEach(e -> rankPattern.put(e.getKey(), whole(e, file + ": rank_pattern.")));
    Map<String, Double> alphaPattern = new LinkedHashMap<>();
    json.path("alpha_pattern")
        .properties()
        .forEach(e -> alphaPattern.put(e.getKey(), number(e, file + ": alpha_pattern.")));
    JsonNode rankStabilized = json.path("use_rslora");
    boolean spoken = !rankStabilized.isMissingNode() && !rankStabilized.isNull();
    if (spoken && !rankStabilized.isBoolean()) {
      throw new IllegalArgumentException(
          file + ": use_rslora must be true or false, found " + rankStabilized);
    }
    try {
      return new LoraRanks(
          whole(Map.entry("r", json.get("r")), file + ": "),
          number(Map.entry("lora_alpha", json.get("lora_alpha")), file + ": "),
          rankStabilized.asBoolean() ? LoraRanks.Divisor.ROOT_OF_RANK : LoraRanks.Divisor.RANK,
          rankPattern,
          alphaPattern);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static int whole(Map.Entry<String, JsonNode> entry, String where) {
    if (!entry.getValue().canConvertToExactIntegral() || !entry.getValue().canConvertToInt()) {
      throw new IllegalArgumentException(
          where + entry.getKey() + " must be a whole number, found " + entry.getValue());
    }
    return entry.getValue().intValue();
  }

  private static double number(Map.Entry<String, JsonNode> entry, String where) {
    if (!entry.getValue().isNumber()) {
      throw new IllegalArgumentException(
          where + entry.getKey() + " must be a number, found " + entry.getValue());
    }
    return entry.getValue().doubleValue();
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
    json.put("peft_type", "LORA");
    json.put("task_type", origin.taskType().isEmpty() ? null : origin.taskType());
    json.put("r", ranks.rank()).put("lora_alpha", ranks.alpha());
    ObjectNode rankPattern = json.putObject("rank_pattern");
    ranks.rankPattern().forEach(rankPattern::put);
    ObjectNode alphaPattern = json.putObject("alpha_pattern");
    ranks.alphaPattern().forEach(alphaPattern::put);
    json.put("lora_dropout", 0.0).put("bias", "none");
    json.put("use_rslora", ranks.divisor() == LoraRanks.Divisor.ROOT_OF_RANK);
    if (targetModules.equals(List.of(TargetModules.NONE))) {
      json.put("target_modules", NO_MODULES);
    } else {
      ArrayNode targets = json.putArray("target_modules");
      targetModules.forEach(targets::add);
    }
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
