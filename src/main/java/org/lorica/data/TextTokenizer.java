package org.lorica.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model folder's {@code tokenizer.json}, or BERT's {@code vocab.txt} where there is none, by the
 * Hugging Face library. Needs no network. The file's own truncation and padding are switched off.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final String PROBE = "a"; // a text, to see what stands around it

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabularySize;

  private TextTokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize) {
    this.tokenizer = tokenizer;
    this.vocabularySize = vocabularySize;
  }

  /** Opens the tokenizer of a model folder. */
  public static TextTokenizer open(Path modelFolder) {
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty(
        "ai.djl.offline",
        "true"); // else it would look for natives of the GPU's kind in the network
    Path file = modelFolder.resolve("tokenizer.json");
    boolean json = Files.isRegularFile(file);
    if (!json && !Files.isRegularFile(modelFolder.resolve(WordPieceFile.NAME))) {
      throw new IllegalArgumentException(
          file
              + ": no such file; a model folder must hold tokenizer.json, or "
              + WordPieceFile.NAME
              + " (BERT)");
    }
    TextTokenizer opened;
    JsonNode root;
    try {
      String text = json ? Files.readString(file) : WordPieceFile.toTokenizerJson(modelFolder);
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
              Map.of("truncation", "false", "padding", "false"));
      root = new ObjectMapper().readTree(text);
      opened = new TextTokenizer(tokenizer, size(root));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          file + ": not a tokenizer that can be read: " + e.getMessage(), e);
    }
    try {
      TokenizerSettings.of(modelFolder)
          .requireAgreement(root, opened.ids(PROBE, false), opened.ids(PROBE, true));
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private List<Long> ids(String text, boolean special) {
    return Arrays.stream(tokenizer.encode(text, special, false).getIds()).boxed().toList();
  }

  /** One more than the highest id: a list of pieces counts from 0, a map names ids. */
  private static int size(JsonNode json) {
    JsonNode vocabulary = json.at("/model/vocab");
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        size = Math.max(size, id.asInt() + 1);
      }
    }
    for (JsonNode added : json.path("added_tokens")) {
      size = Math.max(size, added.path("id").asInt() + 1);
    }
    return size;
  }

  /** One more than the highest token id, special tokens among them. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Token ids with the special tokens; a text over {@code maxLength} is cut before the closing
   * special tokens.
   *
   * @param maxLength tokens, > 0
   */
  public int[] encode(String text, int maxLength) {
    if (maxLength <= 0) {
      throw new IllegalArgumentException("maxLength must be > 0 tokens, got " + maxLength);
    }
    TokenisedText whole = tokenise(text);
    return whole.cutTo(maxLength).stream().mapToInt(whole::id).toArray();
  }

  /** A text between the special tokens, uncut. */
  synchronized TokenisedText tokenise(String text) {
    return TokenisedText.of(tokenizer.encode(text), text, "");
  }

  /** A pair of texts among the special tokens, uncut. */
  synchronized TokenisedText tokenise(String first, String second) {
    return TokenisedText.of(tokenizer.encode(first, second), first, second);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
