package org.lorica.model;

import java.nio.file.Path;
import java.util.List;
import org.lorica.random.RandomKey;

/**
 * A ViT (arXiv 2010.11929) with random weights in Hugging Face's folder layout, for measurements:
 * linear weights are N(0, 1/in), norms 1 and 0, biases 0.
 */
public final class ScratchVit {
  private static final int CHANNELS = 3;

  private ScratchVit() {}

  /**
   * Dimensions of the encoder.
   *
   * @param image side of an image, in pixels
   * @param patch side of a patch, in pixels, a divisor of {@code image}
   */
  public record Size(int hidden, int layers, int heads, int feedForward, int image, int patch) {
    public Size {
      if (heads <= 0 || hidden % heads != 0 || patch <= 0 || image % patch != 0) {
        throw new IllegalArgumentException(
            "heads must divide hidden, and patch image, got "
                + List.of(heads, hidden)
                + " and "
                + List.of(patch, image));
      }
    }

    /** Patches of an image, and the class token. */
    public int tokens() {
      return image / patch * (image / patch) + 1;
    }
  }

  /** Writes {@code config.json} and {@code model.safetensors} to {@code folder}. */
  public static void write(Path folder, Size size, int labels, RandomKey key) {
    RandomTensors tensors = new RandomTensors(key);
    fill(tensors, size, labels);
    String config =
        """
        {"architectures": ["ViTForImageClassification"], "model_type": "vit",
         "hidden_act": "gelu", "layer_norm_eps": 1e-12, "qkv_bias": true, "num_channels": %d,
         "hidden_size": %d, "num_hidden_layers": %d, "num_attention_heads": %d,
         "intermediate_size": %d, "image_size": %d, "patch_size": %d}
        """
            .formatted(
                CHANNELS,
                size.hidden(),
                size.layers(),
                size.heads(),
                size.feedForward(),
                size.image(),
                size.patch());
    tensors.write(folder, config);
  }

  private static void fill(RandomTensors tensors, Size size, int labels) {
    int d = size.hidden();
    String embeddings = "vit.embeddings.";
    tensors.gaussian(embeddings + "cls_token", List.of(1, 1, d), 0.02);
    tensors.gaussian(embeddings + "position_embeddings", List.of(1, size.tokens(), d), 0.5);
    String projection = embeddings + "patch_embeddings.projection";
    List<Integer> kernel = List.of(d, CHANNELS, size.patch(), size.patch());
    tensors.gaussian(
        projection + ".weight", kernel, 1 / Math.sqrt(CHANNELS * size.patch() * size.patch()));
    tensors.constant(projection + ".bias", d, 0);
    for (int i = 0; i < size.layers(); i++) {
      String layer = "vit.encoder.layer." + i + ".";
      tensors.norm(layer + "layernorm_before", d);
      for (String part : List.of("query", "key", "value")) {
        tensors.linear(layer + "attention.attention." + part, d, d);
      }
      tensors.linear(layer + "attention.output.dense", d, d);
      tensors.norm(layer + "layernorm_after", d);
      tensors.linear(layer + "intermediate.dense", size.feedForward(), d);
      tensors.linear(layer + "output.dense", d, size.feedForward());
    }
    tensors.norm("vit.layernorm", d);
    tensors.linear("classifier", labels, d);
  }
}
