package org.lorica.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.RotaryScaling;

/**
 * What config.json says of rotary angles: {@code rope_theta} and {@code rope_scaling}, which files
 * of transformers 5 keep together in {@code rope_parameters}. A key that is not computed is
 * refused.
 */
final class RotaryKeys {
  private static final String TOGETHER = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String THETA = "rope_theta";
  private static final String WHOLE = "partial_rotary_factor";
  private static final String FACTOR = "factor";
  private static final String SLOW = "low_freq_factor";
  private static final String FAST = "high_freq_factor";
  private static final String POSITIONS = "original_max_position_embeddings";

  /** The numbers of every type that is computed, which must all be there. */
  private static final Map<String, Set<String>> NUMBERS =
      Map.of(
          "default", Set.of(),
          "linear", Set.of(FACTOR),
          "llama3", Set.of(FACTOR, SLOW, FAST, POSITIONS));

  private RotaryKeys() {}

  static Rotary of(HuggingFaceConfig config, int headWidth) {
    double outside = config.positive(THETA, 10_000);
    RotaryScaling scaling = RotaryScaling.NONE;
    for (String key : List.of(SCALING, TOGETHER)) { // what transformers 5 wrote wins
      JsonNode found = config.at(key);
      if (!found.isEmpty() || !(found.isMissingNode() || found.isNull() || found.isObject())) {
        scaling = scaling(config, key, found);
      }
    }
    double theta = config.at(TOGETHER).path(THETA).asDouble(outside);
    return new Rotary(headWidth, theta, scaling, Rotary.Direction.FORWARD);
  }

  private static RotaryScaling scaling(HuggingFaceConfig config, String key, JsonNode found) {
    String type = found.path("rope_type").asText(found.path("type").asText("default"));
    Set<String> numbers = NUMBERS.get(type);
    if (numbers == null || !found.isObject() || !isComputed(found, numbers)) {
      throw config.bad(
          key,
          "null, or an object with rope_type = default, linear or llama3, rope_theta and "
              + (numbers == null || numbers.isEmpty() ? "that type's" : new TreeSet<>(numbers))
              + " as its only numbers");
    }
    double factor = found.path(FACTOR).asDouble(1);
    try {
      return type.equals("llama3")
          ? new RotaryScaling.Llama3(
              factor,
              found.path(SLOW).asDouble(),
              found.path(FAST).asDouble(),
              found.path(POSITIONS).asInt())
          : new RotaryScaling.Linear(factor);
    } catch (IllegalArgumentException e) {
      throw config.bad(key, SLOW + " < " + FAST);
    }
  }

  private static boolean isComputed(JsonNode found, Set<String> numbers) {
    for (Map.Entry<String, JsonNode> entry : found.properties()) {
      JsonNode value = entry.getValue();
      boolean known =
          switch (entry.getKey()) {
            case "rope_type", "type" -> value.isTextual();
            case WHOLE -> value.asDouble() == 1;
            case THETA -> isPositive(value);
            case POSITIONS -> numbers.contains(POSITIONS) && value.isInt() && isPositive(value);
            default -> numbers.contains(entry.getKey()) && isPositive(value);
          };
      if (!known) {
        return false;
      }
    }
    return numbers.stream().allMatch(found::has);
  }

  private static boolean isPositive(JsonNode value) {
    return value.isNumber() && value.asDouble() > 0;
  }
}
