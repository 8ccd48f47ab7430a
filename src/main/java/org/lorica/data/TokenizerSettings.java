package org.lorica.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model folder's {@code tokenizer_config.json}, of which transformers' own classes take some
 * settings over those of {@code tokenizer.json}. Only the latter is computed here, so that the two
 * must agree.
 */
final class TokenizerSettings {
  private static final String FILE = "tokenizer_config.json";

  private final Path file;
  private final JsonNode root;

  private TokenizerSettings(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /** Reads a folder's file; without one nothing is set. */
  static TokenizerSettings of(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      ObjectMapper json = new ObjectMapper();
      return new TokenizerSettings(
          file,
          Files.isRegularFile(file)
              ? json.readTree(Files.readString(file))
              : json.createObjectNode());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * @param tokenizer tokenizer.json
   * @param bare tokens of some text alone
   * @param whole the same with special tokens
   * @throws IllegalArgumentException where transformers would read texts otherwise
   */
  void requireAgreement(JsonNode tokenizer, List<Long> bare, List<Long> whole) {
    String type = root.path("tokenizer_class").asText();
    if (type.startsWith("Llama")) {
      int at = places(bare, whole);
      require("add_bos_token", at > 0);
      require("add_eos_token", at + bare.size() < whole.size());
    }
    JsonNode lowercase = tokenizer.path("normalizer").path("lowercase");
    if (type.startsWith("Bert") && lowercase.isBoolean()) {
      require("do_lower_case", lowercase.asBoolean());
    }
  }

  /** Number of tokens before the text's own. */
  private static int places(List<Long> bare, List<Long> whole) {
    for (int at = 0; at + bare.size() <= whole.size(); at++) {
      if (whole.subList(at, at + bare.size()).equals(bare)) {
        return at;
      }
    }
    return 0;
  }

  private void require(String key, boolean computed) {
    JsonNode found = root.path(key);
    if (found.isBoolean() && found.asBoolean() != computed) {
      throw new IllegalArgumentException(
          file
              + ": "
              + key
              + " must be "
              + computed
              + ", as tokenizer.json has it, found "
              + found);
    }
  }
}
