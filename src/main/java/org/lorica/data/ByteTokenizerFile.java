package org.lorica.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@code tokenizer.json} that maps every byte of the UTF-8 text to one token: ids 0–3 are [PAD],
 * [UNK], [CLS], [SEP], byte b is id 4 + b, and a text becomes [CLS] bytes [SEP].
 */
public final class ByteTokenizerFile {
  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]");

  private ByteTokenizerFile() {}

  public static void write(Path file) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.size(); id++) {
      ObjectNode token = added.addObject().put("id", id).put("content", SPECIAL.get(id));
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        token.put(flag, false);
      }
      token.put("special", true);
    }
    json.putNull("normalizer");
    json.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    postProcessor(
        json.putObject("post_processor"), SPECIAL.indexOf("[CLS]"), SPECIAL.indexOf("[SEP]"));
    json.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    ObjectNode model =
        json.putObject("model").put("type", "BPE").putNull("dropout").put("unk_token", "[UNK]");
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < SPECIAL.size(); id++) {
      vocabulary.put(SPECIAL.get(id), id);
    }
    for (int b = 0; b < 256; b++) {
      vocabulary.put(symbol(b), SPECIAL.size() + b);
    }
    model.putArray("merges");
    Files.writeString(file, mapper.writeValueAsString(json) + "\n");
  }

  /** [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with B in segment 1. */
  static void postProcessor(ObjectNode processor, int cls, int sep) {
    processor.put("type", "TemplateProcessing");
    for (String kind : List.of("single", "pair")) {
      ArrayNode template = processor.putArray(kind);
      template.addObject().putObject("SpecialToken").put("id", "[CLS]").put("type_id", 0);
      template.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      template.addObject().putObject("SpecialToken").put("id", "[SEP]").put("type_id", 0);
      if (kind.equals("pair")) {
        template.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        template.addObject().putObject("SpecialToken").put("id", "[SEP]").put("type_id", 1);
      }
    }
    ObjectNode special = processor.putObject("special_tokens");
    for (String token : List.of("[CLS]", "[SEP]")) {
      ObjectNode entry = special.putObject(token).put("id", token);
      entry.putArray("ids").add(token.equals("[CLS]") ? cls : sep);
      entry.putArray("tokens").add(token);
    }
  }

  /**
   * GPT-2's printable stand-in for a byte: itself where printable, else a letter from U+0100 on.
   */
  static String symbol(int b) {
    int shifted = 0;
    for (int i = 0; i < 256; i++) {
      boolean printable =
          (i >= '!' && i <= '~') || (i >= 0xA1 && i <= 0xAC) || (i >= 0xAE && i <= 0xFF);
      if (i == b) {
        return Character.toString(printable ? i : 256 + shifted);
      }
      shifted += printable ? 0 : 1;
    }
    throw new IllegalArgumentException("a byte must be 0 to 255, got " + b);
  }
}
