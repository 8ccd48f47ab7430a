package org.lorica.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.data.SafeTensors;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * A small BERT with random weights in Hugging Face's folder layout: what {@code lorica pretrain}
 * starts from. Linear weights are N(0, 1/in), which keeps random features lively in a shallow net;
 * norms are 1 and 0, biases 0.
 */
public final class ScratchBert {
  private final Size size;
  private final RandomKey key;
  private final Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();

  private ScratchBert(Size size, RandomKey key) {
    this.size = size;
    this.key = key.with(Purpose.MODEL_INIT);
  }

  /** Dimensions of the encoder. */
  public record Size(
      int hidden, int layers, int heads, int feedForward, int vocabulary, int positions) {
    /** Feed-forward width is twice the hidden width. */
    public Size(int hidden, int layers, int heads, int vocabulary, int positions) {
      this(hidden, layers, heads, 2 * hidden, vocabulary, positions);
    }

    public Size {
      if (hidden <= 0 || layers <= 0 || heads <= 0 || hidden % heads != 0) {
        throw new IllegalArgumentException(
            "hidden must be a multiple of heads and all > 0, got hidden "
                + hidden
                + ", layers "
                + layers
                + ", heads "
                + heads);
      }
    }
  }

  /** Writes {@code config.json} and {@code model.safetensors} to {@code folder}. */
  public static void write(Path folder, Size size, int labels, RandomKey key) {
    ScratchBert bert = new ScratchBert(size, key);
    bert.fill(labels);
    try {
      Files.createDirectories(folder);
      writeConfig(folder, size, labels);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafeTensors.write(folder.resolve("model.safetensors"), bert.tensors);
  }

  /** Writes {@code config.json} for a model of this size. */
  public static void writeConfig(Path folder, Size size, int labels) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = json.createObjectNode();
    config.putArray("architectures").add("BertForSequenceClassification");
    config.put("model_type", "bert").put("hidden_size", size.hidden());
    config.put("num_hidden_layers", size.layers()).put("num_attention_heads", size.heads());
    config.put("intermediate_size", size.feedForward()).put("hidden_act", "gelu");
    config.put("vocab_size", size.vocabulary()).put("max_position_embeddings", size.positions());
    config.put("type_vocab_size", 2).put("layer_norm_eps", 1e-12).put("pad_token_id", 0);
    config.put("position_embedding_type", "absolute");
    ObjectNode names = config.putObject("id2label");
    ObjectNode ids = config.putObject("label2id");
    for (int i = 0; i < labels; i++) {
      names.put(Integer.toString(i), "LABEL_" + i);
      ids.put("LABEL_" + i, i);
    }
    Files.writeString(
        folder.resolve("config.json"),
        json.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
  }

  /** A fresh head's tensors: weight N(0, 0.02²), bias 0. */
  public static Map<String, SafeTensors.Entry> head(int labels, int hidden, RandomKey key) {
    ScratchBert bert = new ScratchBert(new Size(hidden, 1, 1, 1, 1), key);
    bert.gaussian("classifier.weight", labels, hidden, 0.02);
    bert.constant("classifier.bias", labels, 0);
    return bert.tensors;
  }

  private void fill(int labels) {
    int d = size.hidden();
    gaussian("bert.embeddings.word_embeddings.weight", size.vocabulary(), d, 1);
    gaussian("bert.embeddings.position_embeddings.weight", size.positions(), d, 0.5);
    gaussian("bert.embeddings.token_type_embeddings.weight", 2, d, 0.02);
    norm("bert.embeddings.LayerNorm", d);
    for (int layer = 0; layer < size.layers(); layer++) {
      String prefix = "bert.encoder.layer." + layer + ".";
      for (String part : List.of("query", "key", "value")) {
        linear(prefix + "attention.self." + part, d, d);
      }
      linear(prefix + "attention.output.dense", d, d);
      norm(prefix + "attention.output.LayerNorm", d);
      linear(prefix + "intermediate.dense", size.feedForward(), d);
      linear(prefix + "output.dense", d, size.feedForward());
      norm(prefix + "output.LayerNorm", d);
    }
    linear("bert.pooler.dense", d, d);
    tensors.putAll(head(labels, d, key));
  }

  private void linear(String name, int out, int in) {
    gaussian(name + ".weight", out, in, 1 / Math.sqrt(in));
    constant(name + ".bias", out, 0);
  }

  private void norm(String name, int width) {
    constant(name + ".weight", width, 1);
    constant(name + ".bias", width, 0);
  }

  private void gaussian(String name, int rows, int cols, double deviation) {
    double[] draws = new double[rows * cols];
    key.with(name.hashCode()).addGaussiansInPlace(deviation, draws);
    float[] values = new float[draws.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draws[i];
    }
    tensors.put(name, new SafeTensors.Entry(List.of(rows, cols), values));
  }

  private void constant(String name, int length, float value) {
    float[] values = new float[length];
    java.util.Arrays.fill(values, value);
    tensors.put(name, new SafeTensors.Entry(List.of(length), values));
  }
}
