package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;

/**
 * BERT with a classification head (arXiv 1810.04805) and RoBERTa (arXiv 1907.11692), as Hugging
 * Face's …ForSequenceClassification compute them in evaluation mode: learned positions, exact GELU,
 * head on the first token. The number of classes is the height of the output layer.
 */
final class BertClassifier implements Model {

  /** What tells the two apart. */
  enum Family {
    BERT("bert.", "bert.pooler.dense", "classifier"),
    ROBERTA("roberta.", "classifier.dense", "classifier.out_proj");

    private final String prefix;
    private final String dense;
    private final String output;

    Family(String prefix, String dense, String output) {
      this.prefix = prefix;
      this.dense = dense;
      this.output = output;
    }
  }

  private final Kernels kernels;
  private final Family family;
  private final Attention.Shape shape;
  private final TokenPositions positions;
  private final Loaded loaded;

  /** Frozen weights. */
  private record Loaded(
      ClassificationEnds.Weights ends, List<BertBlock.Weights> layers, long parameters) {}

  private BertClassifier(
      Kernels kernels,
      Family family,
      Attention.Shape shape,
      TokenPositions positions,
      Loaded loaded) {
    this.kernels = kernels;
    this.family = family;
    this.shape = shape;
    this.positions = positions;
    this.loaded = loaded;
  }

  static BertClassifier load(ModelSource source, Family family) {
    HuggingFaceConfig config = source.config();
    config.require("hidden_act", "gelu");
    config.require("position_embedding_type", "absolute");
    int width = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    if (width % heads != 0) {
      throw config.bad("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    TokenPositions positions =
        new TokenPositions(
            family == Family.BERT
                ? OptionalInt.empty()
                : OptionalInt.of(config.index("pad_token_id", 1)));
    FrozenWeights weights = source.weights(family.prefix);
    ClassificationEnds.Weights ends = ends(weights, config, family);
    List<BertBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      layers.add(layer(weights, config, family.prefix + "encoder.layer." + i + "."));
    }
    weights.requireAllUsed(
        name -> name.endsWith(".position_ids") || name.endsWith(".token_type_ids"));
    Attention.Shape shape =
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE);
    Loaded loaded = new Loaded(ends, layers, weights.parameters());
    return new BertClassifier(source.kernels(), family, shape, positions, loaded);
  }

  private static ClassificationEnds.Weights ends(
      FrozenWeights weights, HuggingFaceConfig config, Family family) {
    String embeddings = family.prefix + "embeddings.";
    int width = config.size("hidden_size");
    int words = config.size("vocab_size");
    int positions = config.size("max_position_embeddings");
    int types = config.size("type_vocab_size", 2);
    return new ClassificationEnds.Weights(
        weights.matrix(embeddings + "word_embeddings.weight", words, width),
        weights.matrix(embeddings + "position_embeddings.weight", positions, width),
        weights.matrix(embeddings + "token_type_embeddings.weight", types, width),
        weights.norm(embeddings + "LayerNorm", width, config.positive("layer_norm_eps", 1e-12)),
        weights.beforeOutput(family.dense, width, width),
        weights.output(family.output, width));
  }

  private static BertBlock.Weights layer(
      FrozenWeights weights, HuggingFaceConfig config, String layer) {
    int width = config.size("hidden_size");
    int inner = config.size("intermediate_size");
    double epsilon = config.positive("layer_norm_eps", 1e-12);
    String self = layer + "attention.self.";
    return new BertBlock.Weights(
        new BertBlock.SelfAttention(
            weights.linear(self + "query", width, width),
            weights.linear(self + "key", width, width),
            weights.linear(self + "value", width, width),
            weights.linear(layer + "attention.output.dense", width, width)),
        weights.norm(layer + "attention.output.LayerNorm", width, epsilon),
        weights.linear(layer + "intermediate.dense", inner, width),
        weights.linear(layer + "output.dense", width, inner),
        weights.norm(layer + "output.LayerNorm", width, epsilon));
  }

  @Override
  public Task task() {
    return Task.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public List<LoraModule> linearModules() {
    return loaded.layers().stream()
        .flatMap(
            layer ->
                Stream.of(
                    layer.attention().query(),
                    layer.attention().key(),
                    layer.attention().value(),
                    layer.attention().output(),
                    layer.up(),
                    layer.down()))
        .map(Linear::module)
        .toList();
  }

  @Override
  public List<LoraModule> headModules() {
    return HeadLinear.modules(headLayers());
  }

  @Override
  public float[] headValues() {
    return HeadLinear.values(headLayers());
  }

  /** BERT's pooler belongs to the backbone. */
  private List<Linear> headLayers() {
    ClassificationEnds.Weights ends = loaded.ends();
    return family == Family.BERT
        ? List.of(ends.classifier())
        : List.of(ends.dense(), ends.classifier());
  }

  @Override
  public int outputs() {
    return loaded.ends().classifier().out();
  }

  @Override
  public int vocabularySize() {
    return loaded.ends().words().rows();
  }

  @Override
  public int segments() {
    return loaded.ends().types().rows();
  }

  @Override
  public int maxPositions() {
    return loaded.ends().positions().rows() - positions.unused();
  }

  @Override
  public long parameters() {
    return loaded.parameters();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    loaded.layers().forEach(layer -> blocks.add(new BertBlock(layer, shape, layout)));
    Ends ends = new ClassificationEnds(loaded.ends(), positions, layout);
    return new TransformerWorker(this, kernels, layout, new TransformerWorker.Stack(ends, blocks));
  }
}
