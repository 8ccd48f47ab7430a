package org.lorica.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lorica.data.ImageShape;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Kernels;

/**
 * ViT (arXiv 2010.11929) and DeiT (arXiv 2012.12877) with a classification head, as Hugging Face's
 * …ForImageClassification and DeiTForImageClassificationWithTeacher compute them in evaluation
 * mode. Another image size than the checkpoint's resizes the position embeddings.
 */
final class VitClassifier extends VisionModel {

  /** What tells the two apart. */
  enum Family {
    VIT("vit."),
    DEIT("deit.");

    private final String prefix;

    Family(String prefix) {
      this.prefix = prefix;
    }
  }

  private final Kernels kernels;
  private final Attention.Shape shape;
  private final VitEnds.Weights ends;
  private final List<PreNormBlock.Weights> layers;

  private VitClassifier(
      ModelSource source,
      Attention.Shape shape,
      VitEnds.Weights ends,
      List<PreNormBlock.Weights> layers,
      long parameters) {
    super(
        ends.patches().image(),
        layers.stream().flatMap(layer -> layer.linears().stream()).toList(),
        ends.classifiers(),
        parameters);
    this.kernels = source.kernels();
    this.shape = shape;
    this.ends = ends;
    this.layers = layers;
  }

  static VitClassifier load(ModelSource source, Family family) {
    HuggingFaceConfig config = source.config();
    config.require("hidden_act", "gelu");
    source.requireHeadFor(Task.SEQUENCE_CLASSIFICATION);
    int width = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    if (width % heads != 0) {
      throw config.bad("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    double epsilon = config.positive("layer_norm_eps", 1e-12);
    FrozenWeights weights = source.weights(family.prefix);
    VitEnds.Weights ends = ends(source, weights, family);
    PreNormBlock.Sizes sizes =
        new PreNormBlock.Sizes(
            width, config.size("intermediate_size"), epsilon, projections(config));
    List<PreNormBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      String layer = family.prefix + "encoder.layer." + i + ".";
      layers.add(PreNormBlock.Weights.load(weights, layer, "attention.attention.", sizes));
    }
    weights.requireAllUsed(name -> name.endsWith(".position_ids"));
    Attention.Shape shape =
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE);
    return new VitClassifier(source, shape, ends, layers, weights.parameters());
  }

  private static VitEnds.Weights ends(ModelSource source, FrozenWeights weights, Family family) {
    HuggingFaceConfig config = source.config();
    int width = config.size("hidden_size");
    ImageShape image = image(source);
    String embeddings = family.prefix + "embeddings.";
    PatchEmbedding.Weights patches =
        PatchEmbedding.Weights.load(
            weights,
            embeddings + "patch_embeddings.projection",
            image,
            config.size("patch_size"),
            width);
    List<Integer> token = List.of(1, 1, width);
    float[] specials = weights.values(embeddings + "cls_token", token);
    if (family == Family.DEIT) {
      specials = joined(specials, weights.values(embeddings + "distillation_token", token));
    }
    int special = specials.length / width;
    return new VitEnds.Weights(
        patches,
        weights.tensor(special, width, specials),
        PositionGrid.load(weights, embeddings + "position_embeddings", special, patches),
        weights.norm(family.prefix + "layernorm", width, config.positive("layer_norm_eps", 1e-12)),
        classifiers(weights, family, width));
  }

  /** A DeiT that learned from a teacher has two. */
  private static List<Linear> classifiers(FrozenWeights weights, Family family, int width) {
    return family == Family.DEIT && weights.has("cls_classifier.weight")
        ? List.of(
            weights.output("cls_classifier", width),
            weights.output("distillation_classifier", width))
        : List.of(weights.output("classifier", width));
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Override
  public int maxPositions() {
    return ends.positions().rows();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    for (PreNormBlock.Weights layer : layers) {
      blocks.add(
          new PreNormBlock(layer, new Attention(shape), new Neighbourhood.WholeExample(), layout));
    }
    return new TransformerWorker(
        this, kernels, layout, new TransformerWorker.Stack(new VitEnds(ends, layout), blocks));
  }
}
