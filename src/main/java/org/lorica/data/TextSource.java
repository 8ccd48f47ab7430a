package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Text files, by their ending: {@code .tsv} with a header (sentence, label) and {@code .jsonl}
 * (text, label).
 */
public final class TextSource {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TextSource() {}

  /** All records in file order. A bad row is an error that names file and line. */
  public static List<TextRecord> read(Path file) {
    String name = file.toString();
    List<TextRecord> records;
    if (name.endsWith(".tsv")) {
      records = tsv(file, lines(file));
    } else if (name.endsWith(".jsonl")) {
      records = jsonLines(file, lines(file));
    } else {
      throw new IllegalArgumentException(file + ": expected a file that ends with .tsv or .jsonl");
    }
    return notEmpty(file, records);
  }

  /**
   * Speaking roles, a line each: {@code {"client":…,"utterances":[…]}}; one record an utterance,
   * the role its client.
   */
  public static List<TextRecord> roles(Path file) {
    List<TextRecord> records = new ArrayList<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode json = parse(file, number, line);
      if (!json.path("client").isTextual() || !json.path("utterances").isArray()) {
        throw bad(
            file,
            number,
            "an object with \"client\" (text) and \"utterances\" (list of texts)",
            line);
      }
      for (JsonNode utterance : json.get("utterances")) {
        records.add(
            new TextRecord(utterance.asText(), Example.NO_LABEL, json.get("client").asText()));
      }
    }
    return notEmpty(file, records);
  }

  private static List<String> lines(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such data file");
    }
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException(
          file + ": expected UTF-8 text, found bytes that are not", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<TextRecord> notEmpty(Path file, List<TextRecord> records) {
    if (records.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": expected at least one record, found an empty file");
    }
    return records;
  }

  private static List<TextRecord> tsv(Path file, List<String> lines) {
    if (lines.isEmpty()) {
      return List.of();
    }
    List<String> header = Arrays.asList(lines.get(0).split("\t", -1));
    int text = header.indexOf("sentence");
    int label = header.indexOf("label");
    if (text < 0) {
      throw bad(file, 1, "a header with a column \"sentence\"", lines.get(0));
    }
    List<TextRecord> records = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isEmpty()) {
        continue;
      }
      String[] cells = lines.get(i).split("\t", -1);
      if (cells.length != header.size()) {
        throw bad(file, i + 1, header.size() + " tab-separated columns", cells.length + " columns");
      }
      int value = label < 0 ? Example.NO_LABEL : number(file, i + 1, cells[label].strip());
      records.add(new TextRecord(cells[text], value, ""));
    }
    return records;
  }

  private static int number(Path file, int line, String cell) {
    try {
      int label = Integer.parseInt(cell);
      if (label >= 0) {
        return label;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw bad(file, line, "a label, a whole number >= 0", "\"" + cell + "\"");
  }

  private static List<TextRecord> jsonLines(Path file, List<String> lines) {
    List<TextRecord> records = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      JsonNode json = parse(file, i + 1, lines.get(i));
      if (!json.path("text").isTextual()) {
        throw bad(file, i + 1, "an object with \"text\"", lines.get(i));
      }
      int label =
          json.has("label") ? number(file, i + 1, json.get("label").asText()) : Example.NO_LABEL;
      records.add(new TextRecord(json.get("text").asText(), label, json.path("client").asText("")));
    }
    return records;
  }

  private static JsonNode parse(Path file, int number, String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw bad(file, number, "a JSON object", line);
    }
  }

  private static IllegalArgumentException bad(Path file, int line, String expected, String found) {
    String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
    return new IllegalArgumentException(
        file + ": line " + line + ": expected " + expected + ", found " + shown);
  }
}
