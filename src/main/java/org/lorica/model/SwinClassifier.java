package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * Swin (arXiv 2103.14030) with a classification head, as Hugging Face's SwinForImageClassification
 * computes it in evaluation mode. Another image size than the checkpoint's changes the grids only:
 * relative positions know no size.
 */
final class SwinClassifier extends VisionModel {
  private static final String PREFIX = "swin.";

  /** Of the norms of the embedding and of merging, whatever layer_norm_eps says. */
  private static final double FIXED_EPSILON = 1e-5;

  /** A layer and where it looks, or the merging after a stage: one of the two is null. */
  private record Step(Layer layer, PatchMerging.Weights merging) {}

  private record Layer(
      PreNormBlock.Weights weights,
      Attention.Shape shape,
      WindowBias bias,
      Windows.Geometry geometry) {}

  private final Kernels kernels;
  private final SwinEnds.Weights ends;
  private final List<Step> steps;

  private SwinClassifier(
      ModelSource source, SwinEnds.Weights ends, List<Step> steps, long parameters) {
    super(ends.patches().image(), linears(steps), List.of(ends.classifier()), parameters);
    this.kernels = source.kernels();
    this.ends = ends;
    this.steps = List.copyOf(steps);
  }

  private static List<Linear> linears(List<Step> steps) {
    return steps.stream()
        .flatMap(
            step ->
                step.layer() == null
                    ? List.of(step.merging().reduction()).stream()
                    : step.layer().weights().linears().stream())
        .toList();
  }

  static SwinClassifier load(ModelSource source) {
    HuggingFaceConfig config = source.config();
    config.require("hidden_act", "gelu");
    source.requireHeadFor(Task.SEQUENCE_CLASSIFICATION);
    int width = config.size("embed_dim");
    List<Integer> depths = config.sizes("depths");
    double epsilon = config.positive("layer_norm_eps", 1e-5);
    FrozenWeights weights = source.weights(PREFIX);
    PatchEmbedding.Weights patches =
        PatchEmbedding.Weights.load(
            weights,
            PREFIX + "embeddings.patch_embeddings.projection",
            image(source),
            config.size("patch_size"),
            width);
    Norm patchNorm = weights.norm(PREFIX + "embeddings.norm", width, FIXED_EPSILON);
    Optional<Tensor> positions =
        config.flag("use_absolute_embeddings")
            ? Optional.of(
                PositionGrid.load(weights, PREFIX + "embeddings.position_embeddings", 0, patches))
            : Optional.empty();
    List<Step> steps = new ArrayList<>();
    int rows = patches.rows();
    int cols = patches.cols();
    for (int stage = 0; stage < depths.size(); stage++) {
      String name = PREFIX + "encoder.layers." + stage + ".";
      for (int i = 0; i < depths.get(stage); i++) {
        int shift = i % 2 == 0 ? 0 : config.size("window_size") / 2;
        Windows.Geometry geometry =
            Windows.Geometry.of(rows, cols, config.size("window_size"), shift);
        steps.add(
            new Step(layer(config, weights, name + "blocks." + i + ".", geometry, stage), null));
      }
      if (stage < depths.size() - 1) {
        int wide = 4 * (width << stage);
        PatchMerging.Weights merging =
            new PatchMerging.Weights(
                rows,
                cols,
                weights.norm(name + "downsample.norm", wide, FIXED_EPSILON),
                weights.linearWithoutBias(name + "downsample.reduction", wide / 2, wide));
        steps.add(new Step(null, merging));
        rows = (rows + 1) / 2;
        cols = (cols + 1) / 2;
      }
    }
    int last = width << (depths.size() - 1);
    SwinEnds.Weights ends =
        new SwinEnds.Weights(
            patches,
            patchNorm,
            positions,
            weights.norm(PREFIX + "layernorm", last, epsilon),
            weights.output("classifier", last),
            rows * cols);
    weights.requireAllUsed(name -> name.endsWith(".relative_position_index"));
    return new SwinClassifier(source, ends, steps, weights.parameters());
  }

  private static Layer layer(
      HuggingFaceConfig config,
      FrozenWeights weights,
      String name,
      Windows.Geometry geometry,
      int stage) {
    int width = config.size("embed_dim") << stage;
    List<Integer> allHeads = config.sizes("num_heads");
    if (allHeads.size() != config.sizes("depths").size() || width % allHeads.get(stage) != 0) {
      throw config.bad("num_heads", "one divisor of the width for each of depths");
    }
    int heads = allHeads.get(stage);
    PreNormBlock.Sizes sizes =
        new PreNormBlock.Sizes(
            width,
            (int) (width * config.positive("mlp_ratio", 4)),
            config.positive("layer_norm_eps", 1e-5),
            projections(config));
    String table = name + "attention.self.relative_position_bias_table";
    return new Layer(
        PreNormBlock.Weights.load(weights, name, "attention.self.", sizes),
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE),
        WindowBias.load(weights, table, heads, config.size("window_size"), geometry),
        geometry);
  }

  @Override
  public int maxPositions() {
    return ends.patches().count();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    for (Step step : steps) {
      Layer layer = step.layer();
      blocks.add(
          layer == null
              ? new PatchMerging(step.merging(), layout)
              : new PreNormBlock(
                  layer.weights(),
                  new Attention(layer.shape(), layer.bias()),
                  new Windows(layer.geometry()),
                  layout));
    }
    return new TransformerWorker(
        this, kernels, layout, new TransformerWorker.Stack(new SwinEnds(ends, layout), blocks));
  }
}
