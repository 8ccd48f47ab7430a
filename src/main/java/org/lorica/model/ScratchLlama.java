package org.lorica.model;

import java.nio.file.Path;
import java.util.List;
import org.lorica.random.RandomKey;

/**
 * A LLaMA-layout language model with random weights in Hugging Face's folder layout, for
 * measurements: linear weights are N(0, 1/in), norms 1, the output matrix is the embedding's.
 */
public final class ScratchLlama {
  private ScratchLlama() {}

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
    RandomTensors tensors = new RandomTensors(key);
    fill(tensors, size);
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
    tensors.write(folder, config);
  }

  private static void fill(RandomTensors tensors, Size size) {
    int d = size.hidden();
    int keys = d / size.heads() * size.keyHeads();
    tensors.gaussian("model.embed_tokens.weight", List.of(size.vocabulary(), d), 1);
    for (int i = 0; i < size.layers(); i++) {
      String layer = "model.layers." + i + ".";
      tensors.weight(layer + "self_attn.q_proj.weight", d, d);
      tensors.weight(layer + "self_attn.k_proj.weight", keys, d);
      tensors.weight(layer + "self_attn.v_proj.weight", keys, d);
      tensors.weight(layer + "self_attn.o_proj.weight", d, d);
      tensors.weight(layer + "mlp.gate_proj.weight", size.feedForward(), d);
      tensors.weight(layer + "mlp.up_proj.weight", size.feedForward(), d);
      tensors.weight(layer + "mlp.down_proj.weight", d, size.feedForward());
      tensors.constant(layer + "input_layernorm.weight", d, 1);
      tensors.constant(layer + "post_attention_layernorm.weight", d, 1);
    }
    tensors.constant("model.norm.weight", d, 1);
  }
}
