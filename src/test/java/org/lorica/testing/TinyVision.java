package org.lorica.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;

/** Random classifiers of images, in Hugging Face's layout, the same for the same seed. */
public final class TinyVision {
  /** Classes of every tiny classifier. */
  public static final int CLASSES = 3;

  private static final int WIDTH = 8;
  private static final int INNER = 12;

  private TinyVision() {}

  /** A ViT of two layers, width 8, two heads, for 3 × 6 × 6 images in patches of 2. */
  public static Path vit(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    encoder(model, "vit.", 1);
    model.linear("classifier", CLASSES, WIDTH);
    return model.write(dir, config("vit"));
  }

  /** As {@link #vit}, with a distillation token and a classifier on it. */
  public static Path deit(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    encoder(model, "deit.", 2);
    model.tensor("deit.embeddings.distillation_token", List.of(1, 1, WIDTH));
    model.linear("cls_classifier", CLASSES, WIDTH);
    model.linear("distillation_classifier", CLASSES, WIDTH);
    return model.write(dir, config("deit"));
  }

  private static void encoder(TinyModels model, String prefix, int special) {
    model.tensor(prefix + "embeddings.cls_token", List.of(1, 1, WIDTH));
    model.tensor(prefix + "embeddings.position_embeddings", List.of(1, 9 + special, WIDTH));
    patches(model, prefix, WIDTH);
    for (int i = 0; i < 2; i++) {
      layer(model, prefix + "encoder.layer." + i + ".", "attention.attention.", WIDTH, INNER);
    }
    norm(model, prefix + "layernorm", WIDTH);
  }

  private static String config(String type) {
    return """
        {"model_type": "%s", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 12, "hidden_act": "gelu", "layer_norm_eps": 1e-6, "image_size": 6,
         "patch_size": 2, "num_channels": 3, "qkv_bias": true}"""
        .formatted(type);
  }

  /**
   * A Swin of two stages, widths 4 and 8, windows of 3, shift 1, for 3 × 10 × 10 images in patches
   * of 2: grids of 5 (filled up to 6, merged odd) and 3 (one window).
   */
  public static Path swin(Path dir, long seed) {
    TinyModels model = new TinyModels(seed);
    int width = 4;
    int[] depths = {2, 1};
    int[] heads = {2, 2};
    patches(model, "swin.", width);
    norm(model, "swin.embeddings.norm", width);
    for (int stage = 0; stage < depths.length; stage++) {
      String name = "swin.encoder.layers." + stage + ".";
      for (int i = 0; i < depths[stage]; i++) {
        String layer = name + "blocks." + i + ".";
        layer(model, layer, "attention.self.", width, 2 * width);
        model.matrix(layer + "attention.self.relative_position_bias_table", 25, heads[stage]);
      }
      if (stage < depths.length - 1) {
        norm(model, name + "downsample.norm", 4 * width);
        model.matrix(name + "downsample.reduction.weight", 2 * width, 4 * width);
        width *= 2;
      }
    }
    norm(model, "swin.layernorm", width);
    model.linear("classifier", CLASSES, width);
    return model.write(
        dir,
        """
        {"model_type": "swin", "embed_dim": 4, "depths": [2, 1], "num_heads": [2, 2],
         "window_size": 3, "mlp_ratio": 2.0, "qkv_bias": true, "hidden_act": "gelu",
         "layer_norm_eps": 1e-5, "image_size": 10, "patch_size": 2, "num_channels": 3,
         "use_absolute_embeddings": false}""");
  }

  private static void patches(TinyModels model, String prefix, int width) {
    String name = prefix + "embeddings.patch_embeddings.projection";
    model.tensor(name + ".weight", List.of(width, 3, 2, 2));
    model.vector(name + ".bias", width, 0);
  }

  private static void layer(TinyModels model, String layer, String self, int width, int inner) {
    norm(model, layer + "layernorm_before", width);
    model.linear(layer + self + "query", width, width);
    model.linear(layer + self + "key", width, width);
    model.linear(layer + self + "value", width, width);
    model.linear(layer + "attention.output.dense", width, width);
    norm(model, layer + "layernorm_after", width);
    model.linear(layer + "intermediate.dense", inner, width);
    model.linear(layer + "output.dense", width, inner);
  }

  private static void norm(TinyModels model, String name, int width) {
    model.vector(name + ".weight", width, 1);
    model.vector(name + ".bias", width, 0);
  }

  /** A Gaussian image. */
  public static Image image(ImageShape shape, SplittableRandom random) {
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Image.of(shape, values);
  }

  /** Labelled Gaussian images. */
  public static List<Example> batch(ImageShape shape, int size, SplittableRandom random) {
    return java.util.stream.IntStream.range(0, size)
        .mapToObj(i -> new Example(image(shape, random), random.nextInt(CLASSES)))
        .toList();
  }
}
