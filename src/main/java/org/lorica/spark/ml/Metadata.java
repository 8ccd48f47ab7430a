package org.lorica.spark.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** The {@code metadata} of a saved stage, as Spark ML's own readers expect it. */
final class Metadata {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Metadata() {}

  static void save(SparkSession session, Params stage, String path, ObjectNode extra) {
    ObjectNode metadata = JSON.createObjectNode();
    metadata.put("class", stage.getClass().getName());
    metadata.put("timestamp", System.currentTimeMillis());
    metadata.put("sparkVersion", session.version());
    metadata.put("uid", stage.uid());
    metadata.set("paramMap", values(stage.paramMap()));
    metadata.set("defaultParamMap", values(stage.defaultParamMap()));
    metadata.setAll(extra);
    session
        .createDataset(List.of(metadata.toString()), Encoders.STRING())
        .coalesce(1)
        .write()
        .text(path + "/metadata");
  }

  private static ObjectNode values(ParamMap map) {
    ObjectNode values = JSON.createObjectNode();
    for (ParamPair<?> pair : CollectionConverters.asJava(map.toSeq())) {
      values.set(pair.param().name(), parsed(encoded(pair)));
    }
    return values;
  }

  private static <T> String encoded(ParamPair<T> pair) {
    return pair.param().jsonEncode(pair.value());
  }

  static JsonNode load(SparkSession session, String path, Class<?> expected) {
    JsonNode metadata = parsed(session.read().text(path + "/metadata").first().getString(0));
    String found = metadata.path("class").asText();
    if (!found.equals(expected.getName())) {
      throw new IllegalArgumentException(
          path + ": expected a saved " + expected.getName() + ", found " + found);
    }
    return metadata;
  }

  /** Sets what was set when the stage was saved; defaults are those of this version. */
  static void restore(Params stage, JsonNode metadata) {
    for (Map.Entry<String, JsonNode> field : metadata.path("paramMap").properties()) {
      Param<Object> param = stage.getParam(field.getKey());
      stage.set(param, param.jsonDecode(field.getValue().toString()));
    }
  }

  private static JsonNode parsed(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
