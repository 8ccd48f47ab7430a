package org.lorica.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * BERT's {@code vocab.txt} (a token a line, its id the line's number) as a {@code tokenizer.json}:
 * BERT's normaliser, word pieces, [CLS] A [SEP] B [SEP]. Lower case unless {@code
 * tokenizer_config.json} beside it says otherwise.
 */
final class WordPieceFile {
  /** The file's name in a model folder. */
  static final String NAME = "vocab.txt";

  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
  private static final ObjectMapper JSON = new ObjectMapper();

  private WordPieceFile() {}

  static String toTokenizerJson(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      Map<String, Integer> vocabulary = new LinkedHashMap<>();
      for (String line : Files.readAllLines(file)) {
        vocabulary.putIfAbsent(line.strip(), vocabulary.size());
      }
      for (String token : List.of("[UNK]", "[CLS]", "[SEP]")) {
        if (!vocabulary.containsKey(token)) {
          throw new IllegalArgumentException(
              file + ": expected a line " + token + " among the tokens, found none");
        }
      }
      return JSON.writeValueAsString(json(vocabulary, lowerCase(folder)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  private static boolean lowerCase(Path folder) throws IOException {
    Path settings = folder.resolve("tokenizer_config.json");
    return !Files.isRegularFile(settings)
        || JSON.readTree(Files.readString(settings)).path("do_lower_case").asBoolean(true);
  }

  private static JsonNode json(Map<String, Integer> vocabulary, boolean lowerCase) {
    ObjectNode json = JSON.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (String token : SPECIAL) {
      if (vocabulary.containsKey(token)) {
        ObjectNode entry = added.addObject().put("id", vocabulary.get(token)).put("content", token);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
          entry.put(flag, false);
        }
        entry.put("special", true);
      }
    }
    json.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", true)
        .putNull("strip_accents")
        .put("lowercase", lowerCase);
    json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    ByteTokenizerFile.postProcessor(
        json.putObject("post_processor"), vocabulary.get("[CLS]"), vocabulary.get("[SEP]"));
    json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = json.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]");
    model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    ObjectNode entries = model.putObject("vocab");
    vocabulary.forEach(entries::put);
    return json;
  }
}
