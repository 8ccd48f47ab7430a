package org.lorica.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lorica.data.SafeTensors;
import org.lorica.random.RandomKey;

/**
 * A small BERT with random weights in Hugging Face's folder layout: what {@code lorica pretrain}
 * starts from. Linear weights are N(0, 1/in), which keeps random features lively in a shallow net;
 * norms are 1 and 0, biases 0.
 */
public final class ScratchBert {
  private ScratchBert() {}

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
    RandomTensors tensors = new RandomTensors(key);
    fill(tensors, size, labels);
    tensors.write(folder, config(size, labels));
  }

  /** Writes {@code config.json} for a model of this size. */
  public static void writeConfig(Path folder, Size size, int labels) throws IOException {
    Files.writeString(folder.resolve("config.json"), config(size, labels));
  }

  private static String config(Size size, int labels) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
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
    return config.toPrettyString() + "\n";
  }

  /** A fresh head's tensors: weight N(0, 0.02²), bias 0. */
  public static Map<String, SafeTensors.Entry> head(int labels, int hidden, RandomKey key) {
    RandomTensors tensors = new RandomTensors(key);
    tensors.gaussian("classifier.weight", List.of(labels, hidden), 0.02);
    tensors.constant("classifier.bias", labels, 0);
    return tensors.entries();
  }

  private static void fill(RandomTensors tensors, Size size, int labels) {
    int d = size.hidden();
    tensors.gaussian("bert.embeddings.word_embeddings.weight", List.of(size.vocabulary(), d), 1);
    tensors.gaussian(
        "bert.embeddings.position_embeddings.weight", List.of(size.positions(), d), 0.5);
    tensors.gaussian("bert.embeddings.token_type_embeddings.weight", List.of(2, d), 0.02);
    tensors.norm("bert.embeddings.LayerNorm", d);
    for (int layer = 0; layer < size.layers(); layer++) {
      String prefix = "bert.encoder.layer." + layer + ".";
      for (String part : List.of("query", "key", "value")) {
        tensors.linear(prefix + "attention.self." + part, d, d);
      }
      tensors.linear(prefix + "attention.output.dense", d, d);
      tensors.norm(prefix + "attention.output.LayerNorm", d);
      tensors.linear(prefix + "intermediate.dense", size.feedForward(), d);
      tensors.linear(prefix + "output.dense", d, size.feedForward());
      tensors.norm(prefix + "output.LayerNorm", d);
    }
    tensors.linear("bert.pooler.dense", d, d);
    tensors.entries().putAll(head(labels, d, tensors.key()));
  }
}
