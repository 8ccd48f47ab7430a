package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * A run folder as it is found: of a finished run, of one that goes on, or of an audit. Trees rather
 * than records, so that folders of older and newer versions can be read too; docs/outputs.md says
 * what is in them.
 *
 * @param manifest {@code manifest.json}; missing in an audit's folder
 * @param rounds lines of {@code rounds.jsonl}
 */
public record StoredRun(Path folder, JsonNode manifest, List<JsonNode> rounds, Extras extras) {

  private static final String DRIVER = "driver"; // a share of aggregate, no phase of its own

  /** Files that not every folder has; missing nodes stand for those that are not there. */
  public record Extras(JsonNode privacy, JsonNode partition, JsonNode audit) {}

  public StoredRun {
    rounds = List.copyOf(rounds);
  }

  /** Whether a folder looks like one of a run or of an audit. */
  public static boolean isRun(Path folder) {
    return Files.exists(folder.resolve("manifest.json"))
        || Files.exists(folder.resolve("audit.json"));
  }

  /**
   * Reads a folder.
   *
   * @throws IllegalArgumentException naming the file that is missing or wrong
   */
  public static StoredRun read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(folder + ": no such run folder");
    }
    if (!isRun(folder)) {
      throw new IllegalArgumentException(
          folder + ": expected a run folder with manifest.json, found none in it");
    }
    return new StoredRun(
        folder,
        tree(folder.resolve("manifest.json")),
        lines(folder.resolve("rounds.jsonl")),
        new Extras(
            tree(folder.resolve("privacy.json")),
            tree(folder.resolve("partition.json")),
            tree(folder.resolve("audit.json"))));
  }

  private static JsonNode tree(Path file) {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    try {
      return Json.tree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** A last line without its end is of a round whose writing goes on. */
  private static List<JsonNode> lines(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
    List<JsonNode> rounds = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      try {
        rounds.add(Json.tree(text.substring(start, end)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            file + ": line " + (rounds.size() + 1) + ": " + e.getMessage(), e);
      }
      start = end + 1;
    }
    return rounds;
  }

  /** The folder's name without the mark of an unfinished run. */
  public String name() {
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    return name.endsWith(RunFolder.INCOMPLETE)
        ? name.substring(0, name.length() - RunFolder.INCOMPLETE.length())
        : name;
  }

  /** A setting by its key without {@code lorica.}; a missing node if it is not there. */
  public JsonNode setting(String key) {
    JsonNode node = manifest.path("configuration").path("lorica");
    for (String part : key.split("\\.", -1)) {
      node = node.path(part);
    }
    return node;
  }

  /** Every setting by its key without {@code lorica.}, in alphabetical order. */
  public SortedMap<String, String> settings() {
    SortedMap<String, String> all = new TreeMap<>();
    flatten("", manifest.path("configuration").path("lorica"), all);
    return all;
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> all) {
    node.properties()
        .forEach(
            entry -> {
              String key = prefix + entry.getKey();
              if (entry.getValue().isObject()) {
                flatten(key + ".", entry.getValue(), all);
              } else {
                all.put(
                    key,
                    entry.getValue().isTextual()
                        ? entry.getValue().asText()
                        : entry.getValue().toString());
              }
            });
  }

  /** Method and budget, as a legend says it. */
  public String label() {
    String method = setting("strategy.name").asText(name());
    OptionalDouble target = targetEpsilon();
    if (!isPrivate()) {
      return method + ", no privacy";
    }
    return target.isPresent() ? Wording.format("%s, ε = %s", method, small(target)) : method;
  }

  private static String small(OptionalDouble value) {
    return Wording.plain(value.getAsDouble());
  }

  /** Whether ε is wanted at all. */
  public boolean isPrivate() {
    return setting("privacy.mode").asText("dp").equals("dp");
  }

  /** The ε that noise was calibrated to; empty where the noise was given or nothing is claimed. */
  public OptionalDouble targetEpsilon() {
    JsonNode epsilon = setting("privacy.epsilon");
    boolean given = setting("privacy.noise-multiplier").isNumber();
    return isPrivate() && epsilon.isNumber() && !given
        ? OptionalDouble.of(epsilon.asDouble())
        : OptionalDouble.empty();
  }

  /**
   * Whether un-noised figures of the clients' data may be shown: the noise of a simulation protects
   * nobody, so they give nothing away that was kept.
   */
  public boolean isSimulation() {
    return setting("noise.mode").asText("simulation").equals("simulation");
  }

  /**
   * Whether it may be shown who took part, and how many: with a trusted server nobody else may know
   * it, for the chance that a client was not there is part of what hides it.
   */
  public boolean tellsCohorts() {
    return isSimulation() || !setting("privacy.threat-model").asText("").equals("central");
  }

  /** A number of a round by its path, such as {@code quality.testLoss}; NaN if it is not there. */
  static double number(JsonNode round, String path) {
    JsonNode node = round;
    for (String part : path.split("\\.", -1)) {
      node = node.path(part);
    }
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  /** The metric's name, {@code accuracy} for one; empty before the first evaluation. */
  public String metric() {
    return rounds.stream()
        .map(r -> r.path("quality").path("metric").asText(""))
        .filter(m -> !m.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** The last value of that path that a round has; NaN if none has. */
  double last(String path) {
    double last = Double.NaN;
    for (JsonNode round : rounds) {
      double value = number(round, path);
      last = Double.isNaN(value) ? last : value;
    }
    return last;
  }

  /** Names of the phases that seconds were taken of. */
  List<String> phases() {
    return rounds.stream()
        .flatMap(
            r ->
                StreamSupport.stream(
                    ((Iterable<String>) () -> r.path("seconds").fieldNames()).spliterator(), false))
        .distinct()
        .filter(phase -> !phase.equals(DRIVER))
        .toList();
  }

  /** Seconds of a round. */
  static double seconds(JsonNode round) {
    double sum = 0;
    for (Map.Entry<String, JsonNode> phase : round.path("seconds").properties()) {
      sum += phase.getKey().equals(DRIVER) ? 0 : phase.getValue().asDouble();
    }
    return sum;
  }
}
