package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** One JSON object a line; its keys are the columns. Empty lines are passed over. */
final class JsonRows implements Row.Reader {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public void read(String file, Consumer<Row> rows) {
    objects(file, (number, object) -> rows.accept(new Row(file, "line", number, cells(object))));
  }

  private static Map<String, String> cells(JsonNode object) {
    Map<String, String> cells = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      JsonNode value = field.getValue();
      if (!value.isNull()) {
        cells.put(field.getKey(), value.isValueNode() ? value.asText() : value.toString());
      }
    }
    return cells;
  }

  /** Every object with its line. */
  static void objects(String file, BiConsumer<Integer, JsonNode> objects) {
    try (BufferedReader reader = DataFiles.reader(file)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          objects.accept(number, parse(file + ": line " + number, line));
        }
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          file + ": expected UTF-8 text, found bytes that are not", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  private static JsonNode parse(String place, String line) {
    try {
      JsonNode json = JSON.readTree(line);
      if (json.isObject()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      // said below
    }
    throw Row.bad(place, "a JSON object", line);
  }
}
