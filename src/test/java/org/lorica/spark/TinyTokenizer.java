package org.lorica.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A character tokenizer of 23 entries for the tiny models: [CLS], [SEP], [UNK] and the letters a to
 * t.
 */
public final class TinyTokenizer {
  private TinyTokenizer() {}

  /** Writes {@code tokenizer.json} into a model folder. */
  public static void write(Path folder) throws IOException {
    StringBuilder vocabulary = new StringBuilder("\"[CLS]\":0,\"[SEP]\":1,\"[UNK]\":2");
    for (int i = 0; i < 20; i++) {
      vocabulary.append(",\"").append((char) ('a' + i)).append("\":").append(3 + i);
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
         "pre_tokenizer":null,
         "post_processor":{"type":"TemplateProcessing",
           "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
           "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
           "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[0],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[1],"tokens":["[SEP]"]}}},
         "decoder":null,
         "model":{"type":"BPE","dropout":null,"unk_token":"[UNK]","vocab":{%s},"merges":[]}}
        """
            .formatted(vocabulary));
  }
}
