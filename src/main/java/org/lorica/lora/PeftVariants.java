package org.lorica.lora;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Settings of PEFT with which an adapter means something else than W + s·B·A. Some leave no trace
 * in the tensors' names, so that reading on would compute the wrong thing silently.
 */
final class PeftVariants {
  /** Must be absent, null, false or empty. */
  private static final List<String> MUST_BE_OFF =
      List.of(
          "use_dora",
          "use_qalora",
          "use_bdlora",
          "lora_bias",
          "alora_invocation_tokens",
          "arrow_config",
          "kasa_config",
          "monteclora_config",
          "layer_replication",
          "megatron_config",
          "target_parameters",
          "trainable_token_indices");

  /** Starts that leave the frozen weights as they are; others take W − s·B₀·A₀ for them. */
  private static final Set<String> HARMLESS_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal", "mica");

  private PeftVariants() {}

  static void refuse(JsonNode json, Path file) {
    expect(json, file, "peft_type", Set.of("LORA"));
    expect(json, file, "bias", Set.of("none"));
    for (String key : MUST_BE_OFF) {
      JsonNode found = json.path(key);
      boolean empty = found.isContainerNode() && found.isEmpty();
      if (!(found.isMissingNode() || found.isNull() || empty) && !isFalse(found)) {
        throw new IllegalArgumentException(
            file + ": " + key + ": expected it switched off, found " + found);
      }
    }
    JsonNode start = json.path("init_lora_weights");
    boolean harmless = HARMLESS_STARTS.contains(start.asText().toLowerCase(Locale.ROOT));
    if (!start.isMissingNode() && !start.isNull() && !harmless) {
      throw new IllegalArgumentException(
          file
              + ": init_lora_weights: expected a start that leaves the model's weights alone, found "
              + start
              + "; save it with path_initial_model_for_weight_conversion");
    }
  }

  private static boolean isFalse(JsonNode node) {
    return node.isBoolean() && !node.booleanValue();
  }

  private static void expect(JsonNode json, Path file, String key, Set<String> known) {
    JsonNode found = json.path(key);
    if (!found.isMissingNode() && !found.isNull() && !known.contains(found.asText())) {
      throw new IllegalArgumentException(
          file + ": " + key + ": expected " + String.join(" or ", known) + ", found " + found);
    }
  }
}
