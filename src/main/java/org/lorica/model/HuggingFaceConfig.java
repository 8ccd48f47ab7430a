package org.lorica.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A model folder's config.json. Every complaint names the file, the key and what was found. */
final class HuggingFaceConfig {
  private final Path file;
  private final JsonNode root;

  private HuggingFaceConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static HuggingFaceConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          folder
              + ": expected a Hugging Face model folder with config.json, found "
              + (Files.notExists(folder)
                  ? "nothing there"
                  : Files.isRegularFile(folder)
                      ? "a file (model.family = dl4j takes a zip of DL4J or an HDF5 file of Keras of any name)"
                      : "none"));
    }
    try {
      JsonNode root = new ObjectMapper().readTree(Files.readString(file));
      if (!root.isObject()) {
        throw new IllegalArgumentException(file + ": expected a JSON object, found " + root);
      }
      return new HuggingFaceConfig(file, root);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** A required integer above 0. */
  int size(String key) {
    JsonNode node = root.path(key);
    if (!node.isInt() || node.asInt() <= 0) {
      throw bad(key, "an integer > 0");
    }
    return node.asInt();
  }

  /** An integer above 0, or {@code fallback} where the key is absent or null. */
  int size(String key, int fallback) {
    return root.path(key).isMissingNode() || root.path(key).isNull() ? fallback : size(key);
  }

  /** An integer of at least 0, or {@code fallback} where the key is absent or null. */
  int index(String key, int fallback) {
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return fallback;
    }
    if (!node.isInt() || node.asInt() < 0) {
      throw bad(key, "an integer >= 0");
    }
    return node.asInt();
  }

  /** A token's id, or empty where the key is absent, null or −1, which older files mean by none. */
  OptionalInt tokenId(String key) {
    JsonNode node = root.path(key);
    boolean none = node.isMissingNode() || node.isNull() || (node.isInt() && node.asInt() == -1);
    return none ? OptionalInt.empty() : OptionalInt.of(index(key, 0));
  }

  /** A list of integers above 0. */
  List<Integer> sizes(String key) {
    List<Integer> sizes = new ArrayList<>();
    for (JsonNode node : root.path(key)) {
      if (!node.isInt() || node.asInt() <= 0) {
        throw bad(key, "a list of integers > 0");
      }
      sizes.add(node.asInt());
    }
    if (sizes.isEmpty()) {
      throw bad(key, "a list of integers > 0");
    }
    return sizes;
  }

  /** A number above 0, or {@code fallback} where the key is absent. */
  double positive(String key, double fallback) {
    JsonNode node = root.path(key);
    if (node.isMissingNode()) {
      return fallback;
    }
    if (!node.isNumber() || !(node.asDouble() > 0)) {
      throw bad(key, "a number > 0");
    }
    return node.asDouble();
  }

  /** The text at {@code key}, which must be one of those supported. */
  String oneOf(String key, List<String> supported) {
    JsonNode node = root.path(key);
    if (!node.isTextual() || !supported.contains(node.asText())) {
      throw bad(key, "one of " + supported);
    }
    return node.asText();
  }

  /** Refuses a value other than the one this code computes; an absent key means that value. */
  void require(String key, String supported) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !node.asText().equals(supported)) {
      throw bad(key, supported);
    }
  }

  /** What stands at a key; a missing node where nothing does. */
  JsonNode at(String key) {
    return root.path(key);
  }

  /** Refuses a loss other than the one that this code takes for a stored head of that task. */
  void requireProblem(Model.Task task) {
    boolean read = task == Model.Task.REGRESSION || task == Model.Task.SEQUENCE_CLASSIFICATION;
    if (read && !root.path("problem_type").isNull()) {
      require(
          "problem_type",
          task == Model.Task.REGRESSION ? "regression" : "single_label_classification");
    }
  }

  /** The names of id2label from class 0 on; empty where one is missing. */
  List<String> classNames() {
    JsonNode named = root.path("id2label");
    List<String> names = new ArrayList<>();
    for (int c = 0; c < named.size(); c++) {
      JsonNode name = named.path(Integer.toString(c));
      if (!name.isTextual()) {
        return List.of();
      }
      names.add(name.asText());
    }
    return names;
  }

  /** Refuses a model whose tensors have the names of another one that is computed otherwise. */
  void refuseArchitecture(String ending) {
    for (JsonNode name : root.path("architectures")) {
      if (name.asText().endsWith(ending)) {
        throw bad("architectures", "none that ends with " + ending);
      }
    }
  }

  boolean flag(String key) {
    return flag(key, false);
  }

  /** True or false, or {@code fallback} where the key is absent. */
  boolean flag(String key, boolean fallback) {
    JsonNode node = root.path(key);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw bad(key, "true or false");
    }
    return node.asBoolean(fallback);
  }

  IllegalArgumentException bad(String key, String expected) {
    String found = root.path(key).isMissingNode() ? "nothing" : root.path(key).toString();
    return new IllegalArgumentException(
        file + ": " + key + ": expected " + expected + ", found " + found);
  }
}
