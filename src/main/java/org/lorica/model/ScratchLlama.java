package org.lorica.model;

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
 * A LLaMA-layout language model with random weights in Hugging Face's folder layout, for
 * measurements: linear weights are N(0, 1/in), norms 1, the output matrix is the embedding's.
 */
public final class ScratchLlama {
  private final RandomKey key;
  private final Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();

  private ScratchLlama(RandomKey key) {
    this.key = key.with(Purpose.MODEL_INIT);
  }

  /**
   * Dimensions of the decoder.
   *
   * @param keyHeads heads of keys and values, a divisor of {@code heads}
   */
  public record Size(
      int hidden, int layers, int heads, int keyHeads, int feedForward, int vocabulary) {
    public Size {
      if (keyHeads <= 0 || heads % keyHeads != 0 || hidden % heads != 0) {
        throw new IllegalArgumentException(
            "keyHeads must divide heads, and heads hidden, got "
                + keyHeads
                + ", "
                + heads
                + ", "
                + hidden);
      }
    }
  }

  /** Writes {@code config.json} and {@code model.safetensors} to {@code folder}. */
  public static void write(Path folder, Size size, int positions, RandomKey key) {
    ScratchLlama llama = new ScratchLlama(key);
    llama.fill(size);
    String config =
        """
        {"model_type": "llama", "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": true, "hidden_size": %d, "num_hidden_layers": %d,
         "num_attention_heads": %d, "num_key_value_heads": %d, "intermediate_size": %d,
         "vocab_size": %d, "max_position_embeddings": %d}
        """
            .formatted(
                size.hidden(),
                size.layers(),
                size.heads(),
                size.keyHeads(),
                size.feedForward(),
                size.vocabulary(),
                positions);
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafeTensors.write(folder.resolve("model.safetensors"), llama.tensors);
  }

  private void fill(Size size) {
    int d = size.hidden();
    int keys = d / size.heads() * size.keyHeads();
    gaussian("model.embed_tokens.weight", size.vocabulary(), d, 1);
    for (int i = 0; i < size.layers(); i++) {
      String layer = "model.layers." + i + ".";
      linear(layer + "self_attn.q_proj.weight", d, d);
      linear(layer + "self_attn.k_proj.weight", keys, d);
      linear(layer + "self_attn.v_proj.weight", keys, d);
      linear(layer + "self_attn.o_proj.weight", d, d);
      linear(layer + "mlp.gate_proj.weight", size.feedForward(), d);
      linear(layer + "mlp.up_proj.weight", size.feedForward(), d);
      linear(layer + "mlp.down_proj.weight", d, size.feedForward());
      ones(layer + "input_layernorm.weight", d);
      ones(layer + "post_attention_layernorm.weight", d);
    }
    ones("model.norm.weight", d);
  }

  private void linear(String name, int out, int in) {
    gaussian(name, out, in, 1 / Math.sqrt(in));
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

  private void ones(String name, int width) {
    float[] values = new float[width];
    java.util.Arrays.fill(values, 1);
    tensors.put(name, new SafeTensors.Entry(List.of(width), values));
  }
}
