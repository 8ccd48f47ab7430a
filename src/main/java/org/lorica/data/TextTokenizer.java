package org.lorica.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A model folder's {@code tokenizer.json}, by the Hugging Face library. Needs no network. */
public final class TextTokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final int vocabularySize;

  private TextTokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize) {
    this.tokenizer = tokenizer;
    this.vocabularySize = vocabularySize;
  }

  public static TextTokenizer open(Path modelFolder) {
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty(
        "ai.djl.offline",
        "true"); // else it would look for natives of the GPU's kind in the network
    Path file = modelFolder.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          file + ": no such file; a model folder must hold tokenizer.json");
    }
    try {
      int size =
          new com.fasterxml.jackson.databind.ObjectMapper()
              .readTree(file.toFile())
              .at("/model/vocab")
              .size();
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false"));
      return new TextTokenizer(tokenizer, size);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          file + ": not a tokenizer that can be read: " + e.getMessage(), e);
    }
  }

  /** Entries of the vocabulary, special tokens among them. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Token ids with the special tokens; a text over {@code maxLength} is cut before the closing
   * special tokens.
   */
  public synchronized int[] encode(String text, int maxLength) {
    var encoding = tokenizer.encode(text);
    long[] ids = encoding.getIds();
    long[] special = encoding.getSpecialTokenMask();
    int closing = 0;
    while (closing < ids.length && special[ids.length - 1 - closing] == 1) {
      closing++;
    }
    int length = Math.min(ids.length, maxLength);
    closing = Math.min(closing, length - 1);
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      int fromEnd = length - i;
      tokens[i] = (int) (fromEnd <= closing ? ids[ids.length - fromEnd] : ids[i]);
    }
    return tokens;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
