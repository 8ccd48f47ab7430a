package org.lorica.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Tensor;

/**
 * BERT with a classification head (arXiv 1810.04805), as Hugging Face's
 * BertForSequenceClassification computes it in evaluation mode: learned positions, exact GELU,
 * pooler on the first token. The number of classes is the height of {@code classifier.weight}.
 */
final class BertClassifier implements Model {
  static final String HEAD_WEIGHT = "classifier.weight";
  static final String HEAD_BIAS = "classifier.bias";

  private final Kernels kernels;
  private final Attention.Shape shape;
  private final ClassificationEnds.Weights ends;
  private final List<BertBlock.Weights> layers;
  private final long parameters;

  private BertClassifier(
      Kernels kernels,
      Attention.Shape shape,
      ClassificationEnds.Weights ends,
      List<BertBlock.Weights> layers,
      long parameters) {
    this.kernels = kernels;
    this.shape = shape;
    this.ends = ends;
    this.layers = List.copyOf(layers);
    this.parameters = parameters;
  }

  static BertClassifier load(Path folder, HuggingFaceConfig config, Kernels kernels) {
    config.require("hidden_act", "gelu");
    config.require("position_embedding_type", "absolute");
    int width = config.size("hidden_size");
    int inner = config.size("intermediate_size");
    int heads = config.size("num_attention_heads");
    if (width % heads != 0) {
      throw config.bad("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    double epsilon = config.positive("layer_norm_eps", 1e-12);
    FrozenWeights weights = FrozenWeights.open(folder, kernels.precision());
    String embeddings = "bert.embeddings.";
    int words = config.size("vocab_size");
    int positions = config.size("max_position_embeddings");
    int types = config.size("type_vocab_size", 2);
    ClassificationEnds.Weights ends =
        new ClassificationEnds.Weights(
            weights.matrix(embeddings + "word_embeddings.weight", words, width),
            weights.matrix(embeddings + "position_embeddings.weight", positions, width),
            weights.matrix(embeddings + "token_type_embeddings.weight", types, width),
            norm(weights, embeddings + "LayerNorm", width, epsilon),
            weights.linear("bert.pooler.dense", width, width),
            weights.linear("classifier", weights.rows(HEAD_WEIGHT), width));
    List<BertBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      String layer = "bert.encoder.layer." + i + ".";
      String self = layer + "attention.self.";
      layers.add(
          new BertBlock.Weights(
              new BertBlock.SelfAttention(
                  weights.linear(self + "query", width, width),
                  weights.linear(self + "key", width, width),
                  weights.linear(self + "value", width, width),
                  weights.linear(layer + "attention.output.dense", width, width)),
              norm(weights, layer + "attention.output.LayerNorm", width, epsilon),
              weights.linear(layer + "intermediate.dense", inner, width),
              weights.linear(layer + "output.dense", width, inner),
              norm(weights, layer + "output.LayerNorm", width, epsilon)));
    }
    weights.requireAllUsed(
        name -> name.endsWith(".position_ids") || name.endsWith(".token_type_ids"));
    Attention.Shape shape =
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE);
    return new BertClassifier(kernels, shape, ends, layers, weights.parameters());
  }

  private static Norm norm(FrozenWeights weights, String name, int width, double epsilon) {
    Tensor gamma = weights.vector(name + ".weight", width);
    return new Norm(gamma, weights.vector(name + ".bias", width), epsilon);
  }

  @Override
  public Task task() {
    return Task.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public List<LoraModule> linearModules() {
    return layers.stream()
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
    Linear classifier = ends.classifier();
    return List.of(
        new LoraModule(HEAD_WEIGHT, classifier.out(), classifier.in()),
        new LoraModule(HEAD_BIAS, 1, classifier.out()));
  }

  @Override
  public float[] headValues() {
    return ClassificationEnds.headValues(ends.classifier());
  }

  @Override
  public int outputs() {
    return ends.classifier().out();
  }

  @Override
  public int vocabularySize() {
    return ends.words().rows();
  }

  @Override
  public int maxPositions() {
    return ends.positions().rows();
  }

  @Override
  public long parameters() {
    return parameters;
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    layers.forEach(layer -> blocks.add(new BertBlock(layer, shape, layout)));
    return new TransformerWorker(
        this,
        kernels,
        layout,
        new TransformerWorker.Stack(new ClassificationEnds(ends, layout), blocks));
  }
}
