package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;

/**
 * BERT (arXiv 1810.04805) and RoBERTa (arXiv 1907.11692), as Hugging Face's
 * …ForSequenceClassification and …ForQuestionAnswering compute them in evaluation mode: learned
 * positions, exact GELU. The number of classes is the height of the output layer; a single one is
 * regression.
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

  private static final String SPAN = "qa_outputs";

  private final Kernels kernels;
  private final Family family;
  private final Attention.Shape shape;
  private final Loaded loaded;

  /** Frozen weights. */
  private record Loaded(
      BertEmbedding embedding, FrozenHead head, List<BertBlock.Weights> layers, long parameters) {}

  /**
   * Frozen weights of the head.
   *
   * @param dense null for question answering
   * @param drawn whether the checkpoint has no dense layer
   */
  private record FrozenHead(Task task, Linear dense, Linear output, boolean drawn) {}

  private BertClassifier(Kernels kernels, Family family, Attention.Shape shape, Loaded loaded) {
    this.kernels = kernels;
    this.family = family;
    this.shape = shape;
    this.loaded = loaded;
  }

  static BertClassifier load(ModelSource source, Family family) {
    HuggingFaceConfig config = source.config();
    config.require("hidden_act", "gelu");
    config.require("position_embedding_type", "absolute");
    config.require("is_decoder", "false"); // a causal mask, which an encoder has not
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
    BertEmbedding embedding = embedding(weights, config, family, positions);
    FrozenHead head = head(weights, config, family, source.options());
    source.requireHeadFor(head.task());
    List<BertBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      layers.add(layer(weights, config, family.prefix + "encoder.layer." + i + "."));
    }
    weights.requireAllUsed(
        name ->
            name.endsWith(".position_ids")
                || name.endsWith(".token_type_ids")
                || (head.dense() == null && name.startsWith(family.prefix + "pooler.")));
    Attention.Shape shape =
        new Attention.Shape(heads, heads, width / heads, Attention.Sight.WHOLE_SEQUENCE);
    Loaded loaded = new Loaded(embedding, head, layers, weights.parameters());
    return new BertClassifier(source.kernels(), family, shape, loaded);
  }

  private static BertEmbedding embedding(
      FrozenWeights weights, HuggingFaceConfig config, Family family, TokenPositions order) {
    String embeddings = family.prefix + "embeddings.";
    int width = config.size("hidden_size");
    int words = config.size("vocab_size");
    int positions = config.size("max_position_embeddings");
    int types = config.size("type_vocab_size", 2);
    return new BertEmbedding(
        weights.matrix(embeddings + "word_embeddings.weight", words, width),
        weights.matrix(embeddings + "position_embeddings.weight", positions, width),
        weights.matrix(embeddings + "token_type_embeddings.weight", types, width),
        weights.norm(embeddings + "LayerNorm", width, config.positive("layer_norm_eps", 1e-12)),
        order);
  }

  private static FrozenHead head(
      FrozenWeights weights, HuggingFaceConfig config, Family family, LoadOptions options) {
    int width = config.size("hidden_size");
    boolean span = weights.has(SPAN + ".weight") && options.head().isEmpty();
    Task task =
        options.task().orElse(span ? Task.QUESTION_ANSWERING : Task.SEQUENCE_CLASSIFICATION);
    if (task == Task.CAUSAL_LANGUAGE_MODELLING) {
      throw new IllegalArgumentException(
          "model.task must be sequence-classification, regression or question-answering for an"
              + " encoder, got "
              + task.key());
    }
    options
        .task()
        .ifPresent(
            wanted -> {
              String output = wanted == Task.QUESTION_ANSWERING ? SPAN : family.output;
              weights.requireHead(output, wanted);
            });
    if (task == Task.QUESTION_ANSWERING) {
      return new FrozenHead(task, null, weights.output(SPAN, 2, width), false);
    }
    boolean drawn = !weights.has(family.dense + ".weight");
    Linear dense = weights.beforeOutput(family.dense, width, width);
    if (task == Task.REGRESSION) {
      return new FrozenHead(task, dense, weights.output(family.output, 1, width), drawn);
    }
    Linear output = weights.output(family.output, width);
    if (output.out() == 1 && options.task().isPresent()) {
      throw new IllegalArgumentException(
          "model.task = sequence-classification needs a head of >= 2 classes, got 1; set"
              + " model.head-init = random and model.classes");
    }
    boolean single = output.out() == 1;
    return new FrozenHead(single ? Task.REGRESSION : task, dense, output, drawn);
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
    return loaded.head().task();
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

  /** BERT's pooler belongs to the backbone, unless the checkpoint has none and it was drawn. */
  private List<Linear> headLayers() {
    FrozenHead head = loaded.head();
    boolean ofBackbone = family == Family.BERT && !head.drawn();
    return ofBackbone || head.dense() == null
        ? List.of(head.output())
        : List.of(head.dense(), head.output());
  }

  @Override
  public int outputs() {
    return loaded.head().output().out();
  }

  @Override
  public int vocabularySize() {
    return loaded.embedding().words().rows();
  }

  @Override
  public int segments() {
    return loaded.embedding().types().rows();
  }

  @Override
  public int maxPositions() {
    return loaded.embedding().positions().rows() - loaded.embedding().order().unused();
  }

  @Override
  public long parameters() {
    return loaded.parameters();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    loaded.layers().forEach(layer -> blocks.add(new BertBlock(layer, shape, layout)));
    Ends ends = new StackEnds(loaded.embedding(), head(layout));
    return new TransformerWorker(this, kernels, layout, new TransformerWorker.Stack(ends, blocks));
  }

  private Head head(AdapterLayout layout) {
    HeadLinear output = new HeadLinear(loaded.head().output(), layout);
    if (task() == Task.QUESTION_ANSWERING) {
      return new SpanHead(output);
    }
    PooledLoss loss =
        task() == Task.REGRESSION ? PooledLoss.SQUARED_ERROR : PooledLoss.CROSS_ENTROPY;
    return new PooledHead(new HeadLinear(loaded.head().dense(), layout), output, loss);
  }
}
