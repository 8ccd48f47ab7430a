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
 * BERT (arXiv 1810.04805), as Hugging Face's BertForSequenceClassification (a single output is
 * regression) and BertForQuestionAnswering compute it in evaluation mode: learned positions, exact
 * GELU. The number of classes is the height of {@code classifier.weight}.
 */
final class BertClassifier implements Model {
  private final Kernels kernels;
  private final Attention.Shape shape;
  private final BertEmbedding embedding;
  private final BertHead head;
  private final List<BertBlock.Weights> layers;
  private final long parameters;

  private BertClassifier(
      Kernels kernels,
      Attention.Shape shape,
      BertEmbedding embedding,
      BertHead head,
      List<BertBlock.Weights> layers,
      long parameters) {
    this.kernels = kernels;
    this.shape = shape;
    this.embedding = embedding;
    this.head = head;
    this.layers = List.copyOf(layers);
    this.parameters = parameters;
  }

  static BertClassifier load(
      Path folder, HuggingFaceConfig config, Kernels kernels, HeadChoice choice) {
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
    BertEmbedding embedding =
        new BertEmbedding(
            weights.matrix(embeddings + "word_embeddings.weight", words, width),
            weights.matrix(embeddings + "position_embeddings.weight", positions, width),
            weights.matrix(embeddings + "token_type_embeddings.weight", types, width),
            norm(weights, embeddings + "LayerNorm", width, epsilon));
    BertHead head = BertHead.load(weights, width, choice);
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
        name ->
            name.endsWith(".position_ids")
                || name.endsWith(".token_type_ids")
                || head.leavesOut(name, choice));
    Attention.Shape shape =
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE);
    return new BertClassifier(kernels, shape, embedding, head, layers, weights.parameters());
  }

  private static Norm norm(FrozenWeights weights, String name, int width, double epsilon) {
    Tensor gamma = weights.vector(name + ".weight", width);
    return new Norm(gamma, weights.vector(name + ".bias", width), epsilon);
  }

  @Override
  public Task task() {
    return head.task();
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
    return HeadLinear.modules(head.outputs());
  }

  @Override
  public float[] headValues() {
    return HeadLinear.values(head.outputs());
  }

  @Override
  public int outputs() {
    return head.outputs().out();
  }

  @Override
  public int vocabularySize() {
    return embedding.words().rows();
  }

  @Override
  public int maxPositions() {
    return embedding.positions().rows();
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
        new TransformerWorker.Stack(new EncoderEnds(embedding, head.of(layout)), blocks));
  }
}
