package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model folder: {@code model.safetensors}, or the shards that {@code
 * model.safetensors.index.json} names ({"weight_map": {tensor: file}}).
 */
public final class StoredModel {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path file;
  private final Map<String, SafeTensors> tensors; // by name: the file that holds it

  private StoredModel(Path file, Map<String, SafeTensors> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Reads the headers of all files.
   *
   * @throws IllegalArgumentException if a file is missing or broken, or index and shards disagree
   */
  public static StoredModel open(Path folder) {
    Path index = folder.resolve(INDEX);
    Path single = folder.resolve(SINGLE);
    Map<String, SafeTensors> tensors = new LinkedHashMap<>();
    if (Files.isRegularFile(single) || !Files.isRegularFile(index)) {
      requireSafeTensors(folder, single);
      SafeTensors whole = SafeTensors.open(single);
      whole.names().forEach(name -> tensors.put(name, whole));
      return new StoredModel(single, tensors);
    }
    Map<String, SafeTensors> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : weightMap(index).properties()) {
      String shardName = entry.getValue().asText();
      if (!Path.of(shardName).getFileName().toString().equals(shardName)) {
        throw new IllegalArgumentException(
            index + ": weight_map: expected file names in the same folder, found " + shardName);
      }
      SafeTensors shard =
          shards.computeIfAbsent(shardName, name -> SafeTensors.open(folder.resolve(name)));
      if (!shard.names().contains(entry.getKey())) {
        throw new IllegalArgumentException(
            index + ": expected tensor " + entry.getKey() + " in " + shardName + ", found none");
      }
      tensors.put(entry.getKey(), shard);
    }
    shards.forEach(
        (shardName, shard) -> {
          for (String name : shard.names()) {
            if (!tensors.containsKey(name)) {
              throw new IllegalArgumentException(
                  index + ": tensor " + name + " of " + shardName + " has no entry in weight_map");
            }
          }
        });
    return new StoredModel(index, tensors);
  }

  private static void requireSafeTensors(Path folder, Path single) {
    if (!Files.isRegularFile(single) && Files.isRegularFile(folder.resolve("pytorch_model.bin"))) {
      throw new IllegalArgumentException(
          single
              + ": expected a safetensors file, found pytorch_model.bin, which is not read; save"
              + " the model with safe_serialization=True");
    }
  }

  private static JsonNode weightMap(Path index) {
    try {
      JsonNode map = new ObjectMapper().readTree(Files.readString(index)).path("weight_map");
      if (!map.isObject() || map.isEmpty()) {
        throw new IllegalArgumentException(
            index + ": weight_map: expected {tensor: file, …}, found " + map);
      }
      return map;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          index + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + index, e);
    }
  }

  /** The file to name in messages: the single one or the index. */
  public Path file() {
    return file;
  }

  /** Names of all tensors. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** The tensor's sizes, outermost first. */
  public List<Integer> shape(String name) {
    return holder(name).shape(name);
  }

  /** All values, row by row, as {@link SafeTensors#floats}. */
  public float[] floats(String name) {
    return holder(name).floats(name);
  }

  /** Some values, as {@link SafeTensors#floats(String, int, int)}. */
  public float[] floats(String name, int first, int count) {
    return holder(name).floats(name, first, count);
  }

  /** As {@link SafeTensors#entry}. */
  public SafeTensors.Entry entry(String name) {
    return holder(name).entry(name);
  }

  private SafeTensors holder(String name) {
    SafeTensors holder = tensors.get(name);
    if (holder == null) {
      throw new IllegalArgumentException(
          file + ": expected a tensor " + name + ", found none of that name");
    }
    return holder;
  }
}
