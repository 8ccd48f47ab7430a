package org.lorica.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.lorica.data.SafeTensors;

/**
 * Random models of a few thousand parameters in Hugging Face's layout, the same for the same seed.
 */
public final class TinyModels {
  /** Vocabulary of every tiny model: token ids are 0 to 22. */
  public static final int VOCABULARY = 23;

  /** Longest sequence of every tiny model. */
  public static final int POSITIONS = 16;

  /** Classes of {@link #bert}. */
  public static final int CLASSES = 3;

  private static final int WIDTH = 8;
  private static final int INNER = 12;
  private static final int LAYERS = 2;

  private final SplittableRandom random;
  private final Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();

  TinyModels(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Writes a classifier of two layers, width 8, two heads, to {@code dir}, and returns it. */
  public static Path bert(Path dir, long seed) {
    return encoder(dir, seed, "classifier", CLASSES);
  }

  /** As {@link #bert}, with a single output: regression. */
  public static Path bertRegression(Path dir, long seed) {
    return encoder(dir, seed, "classifier", 1);
  }

  /** As {@link #bert}, with a question answering head. */
  public static Path bertSpan(Path dir, long seed) {
    return encoder(dir, seed, "qa_outputs", 2);
  }

  private static Path encoder(Path dir, long seed, String head, int outputs) {
    TinyModels model = new TinyModels(seed);
    model.matrix("bert.embeddings.word_embeddings.weight", VOCABULARY, WIDTH);
    model.matrix("bert.embeddings.position_embeddings.weight", POSITIONS, WIDTH);
    model.matrix("bert.embeddings.token_type_embeddings.weight", 2, WIDTH);
    model.norm("bert.embeddings.LayerNorm");
    for (int i = 0; i < LAYERS; i++) {
      model.bertLayer("bert.encoder.layer." + i + ".");
    }
    model.linear("bert.pooler.dense", WIDTH, WIDTH);
    model.linear(head, outputs, WIDTH);
    return model.save(
        dir,
        "\"model_type\": \"bert\", \"hidden_act\": \"gelu\", \"type_vocab_size\": 2,"
            + " \"layer_norm_eps\": 1e-12");
  }

  /** As {@link #bert}, in RoBERTa's form: padding id 1, one segment, a head of two layers. */
  public static Path roberta(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    model.matrix("roberta.embeddings.word_embeddings.weight", VOCABULARY, WIDTH);
    model.matrix("roberta.embeddings.position_embeddings.weight", POSITIONS, WIDTH);
    model.matrix("roberta.embeddings.token_type_embeddings.weight", 1, WIDTH);
    model.norm("roberta.embeddings.LayerNorm");
    for (int i = 0; i < LAYERS; i++) {
      model.bertLayer("roberta.encoder.layer." + i + ".");
    }
    model.linear("classifier.dense", WIDTH, WIDTH);
    model.linear("classifier.out_proj", CLASSES, WIDTH);
    return model.save(
        dir,
        "\"model_type\": \"roberta\", \"hidden_act\": \"gelu\", \"type_vocab_size\": 1,"
            + " \"pad_token_id\": 1, \"layer_norm_eps\": 1e-5");
  }

  /**
   * Writes a language model of two layers, width 8, two query heads over one key head, with its own
   * output matrix.
   */
  public static Path llama(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    model.llamaTensors();
    model.matrix("lm_head.weight", VOCABULARY, WIDTH);
    return model.save(dir, LLAMA_KEYS + ", \"tie_word_embeddings\": false");
  }

  /** As {@link #llama}, with the output matrix tied to the embedding. */
  public static Path tiedLlama(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    model.llamaTensors();
    return model.save(dir, LLAMA_KEYS + ", \"tie_word_embeddings\": true");
  }

  /** As {@link #llama}, with a score layer of {@code outputs} rows in the output matrix's place. */
  public static Path llamaScore(Path dir, long seed, int outputs) {
    TinyModels model = new TinyModels(seed);
    model.llamaTensors();
    model.matrix("score.weight", outputs, WIDTH);
    return model.save(dir, LLAMA_KEYS + ", \"tie_word_embeddings\": false");
  }

  /**
   * As {@link #llamaScore}, where a token pads: one at a text's end is not the one that is read.
   */
  public static Path paddedLlamaScore(Path dir, long seed, int outputs, int padding) {
    TinyModels model = new TinyModels(seed);
    model.llamaTensors();
    model.matrix("score.weight", outputs, WIDTH);
    return model.save(
        dir, LLAMA_KEYS + ", \"tie_word_embeddings\": false, \"pad_token_id\": " + padding);
  }

  private static final String LLAMA_KEYS =
      "\"model_type\": \"llama\", \"hidden_act\": \"silu\", \"num_key_value_heads\": 1,"
          + " \"rms_norm_eps\": 1e-5, \"rope_theta\": 10000.0";

  private void llamaTensors() {
    matrix("model.embed_tokens.weight", VOCABULARY, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
      String layer = "model.layers." + i + ".";
      matrix(layer + "self_attn.q_proj.weight", WIDTH, WIDTH);
      matrix(layer + "self_attn.k_proj.weight", WIDTH / 2, WIDTH);
      matrix(layer + "self_attn.v_proj.weight", WIDTH / 2, WIDTH);
      matrix(layer + "self_attn.o_proj.weight", WIDTH, WIDTH);
      matrix(layer + "mlp.gate_proj.weight", INNER, WIDTH);
      matrix(layer + "mlp.up_proj.weight", INNER, WIDTH);
      matrix(layer + "mlp.down_proj.weight", WIDTH, INNER);
      vector(layer + "input_layernorm.weight", WIDTH, 1);
      vector(layer + "post_attention_layernorm.weight", WIDTH, 1);
    }
    vector("model.norm.weight", WIDTH, 1);
  }

  private void bertLayer(String layer) {
    linear(layer + "attention.self.query", WIDTH, WIDTH);
    linear(layer + "attention.self.key", WIDTH, WIDTH);
    linear(layer + "attention.self.value", WIDTH, WIDTH);
    linear(layer + "attention.output.dense", WIDTH, WIDTH);
    norm(layer + "attention.output.LayerNorm");
    linear(layer + "intermediate.dense", INNER, WIDTH);
    linear(layer + "output.dense", WIDTH, INNER);
    norm(layer + "output.LayerNorm");
  }

  void linear(String name, int out, int in) {
    matrix(name + ".weight", out, in);
    vector(name + ".bias", out, 0);
  }

  private void norm(String name) {
    vector(name + ".weight", WIDTH, 1);
    vector(name + ".bias", WIDTH, 0);
  }

  void tensor(String name, List<Integer> shape) {
    int count = shape.stream().reduce(1, (a, b) -> a * b);
    tensors.put(name, new SafeTensors.Entry(shape, values(count, 0)));
  }

  void matrix(String name, int rows, int cols) {
    tensors.put(name, new SafeTensors.Entry(List.of(rows, cols), values(rows * cols, 0)));
  }

  void vector(String name, int length, float center) {
    tensors.put(name, new SafeTensors.Entry(List.of(length), values(length, center)));
  }

  float[] values(int count, float center) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = center + 0.4f * (float) random.nextGaussian();
    }
    return values;
  }

  private Path save(Path dir, String keys) {
    String config =
        "{\"hidden_size\": %d, \"intermediate_size\": %d, \"num_hidden_layers\": %d,"
                .formatted(WIDTH, INNER, LAYERS)
            + " \"num_attention_heads\": 2, \"vocab_size\": %d, \"max_position_embeddings\": %d,"
                .formatted(VOCABULARY, POSITIONS)
            + keys
            + "}";
    return write(dir, config);
  }

  /** Writes the folder's two files. */
  Path write(Path dir, String config) {
    try {
      Files.createDirectories(dir);
      Files.writeString(dir.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafeTensors.write(dir.resolve("model.safetensors"), tensors);
    return dir;
  }
}
