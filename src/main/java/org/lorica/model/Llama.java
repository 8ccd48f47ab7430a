package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.Tensor;

/**
 * LLaMA (arXiv 2302.13971), as Hugging Face's LlamaForCausalLM and LlamaForSequenceClassification
 * compute it: rotary positions in half-split layout, grouped key heads, SwiGLU; above it a language
 * model's output matrix, tied or its own, or a score layer whose single output is regression.
 */
final class Llama implements Model {

  /** What config.json says beyond the weights' shapes. */
  private record Settings(
      Attention.Shape attention, Rotary rotary, int maxPositions, OptionalInt padding) {}

  private static final String SCORE = "score";

  /** Frozen weights. */
  private record Loaded(
      WordEmbedding embedding, List<LlamaBlock.Weights> layers, Top top, long parameters) {}

  /**
   * What stands above the layers.
   *
   * @param output the language model's output matrix, or the score layer
   */
  private record Top(Task task, Norm norm, Linear output) {}

  private final Kernels kernels;
  private final Settings settings;
  private final Loaded loaded;

  private Llama(Kernels kernels, Settings settings, Loaded loaded) {
    this.kernels = kernels;
    this.settings = settings;
    this.loaded = loaded;
  }

  static Llama load(ModelSource source) {
    HuggingFaceConfig config = source.config();
    Settings settings = settings(config);
    int width = config.size("hidden_size");
    int words = config.size("vocab_size");
    FrozenWeights weights = source.weights("");
    Tensor embedding = weights.matrix("model.embed_tokens.weight", words, width);
    List<LlamaBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      layers.add(layer(weights, config, settings.attention(), "model.layers." + i + "."));
    }
    Top top = top(weights, source, embedding);
    source.requireHeadFor(top.task());
    boolean tied = config.flag("tie_word_embeddings");
    // Some tied models store the shared matrix twice.
    weights.requireAllUsed(
        name -> name.endsWith("rotary_emb.inv_freq") || (tied && name.equals("lm_head.weight")));
    Loaded loaded =
        new Loaded(new WordEmbedding(embedding), List.copyOf(layers), top, weights.parameters());
    return new Llama(source.kernels(), settings, loaded);
  }

  private static Top top(FrozenWeights weights, ModelSource source, Tensor embedding) {
    HuggingFaceConfig config = source.config();
    LoadOptions options = source.options();
    int width = embedding.cols();
    double epsilon = config.positive("rms_norm_eps", 1e-6);
    Norm norm = new Norm(weights.vector("model.norm.weight", width), null, epsilon);
    boolean scores = options.head().isPresent() || weights.has(SCORE + ".weight");
    Task task =
        options
            .task()
            .orElse(scores ? Task.SEQUENCE_CLASSIFICATION : Task.CAUSAL_LANGUAGE_MODELLING);
    if (task == Task.CAUSAL_LANGUAGE_MODELLING) {
      boolean tied = config.flag("tie_word_embeddings");
      Tensor output = tied ? embedding : weights.matrix("lm_head.weight", embedding.rows(), width);
      return new Top(task, norm, new Linear("lm_head", output, null));
    }
    options.task().ifPresent(wanted -> weights.requireHead(SCORE, wanted));
    Optional<Integer> outputs = task == Task.REGRESSION ? Optional.of(1) : Optional.empty();
    Linear score = weights.outputWithoutBias(SCORE, outputs, width);
    return new Top(score.out() == 1 ? Task.REGRESSION : task, norm, score);
  }

  private static Settings settings(HuggingFaceConfig config) {
    config.require("hidden_act", "silu");
    config.require("attention_bias", "false");
    config.require("mlp_bias", "false");
    int width = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    int keyHeads = config.size("num_key_value_heads", heads);
    if (heads % keyHeads != 0) {
      throw config.bad("num_key_value_heads", "a divisor of num_attention_heads = " + heads);
    }
    if (width % heads != 0) {
      throw config.bad("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    int headWidth = config.size("head_dim", width / heads);
    if (headWidth % 2 != 0) {
      throw config.bad("head_dim", "an even number (hidden_size / num_attention_heads if absent)");
    }
    return new Settings(
        new Attention.Shape(heads, keyHeads, headWidth, Attention.Sight.CAUSAL),
        RotaryKeys.of(config, headWidth),
        config.size("max_position_embeddings"),
        config.tokenId("pad_token_id"));
  }

  private static LlamaBlock.Weights layer(
      FrozenWeights weights, HuggingFaceConfig config, Attention.Shape shape, String layer) {
    int width = config.size("hidden_size");
    int inner = config.size("intermediate_size");
    double epsilon = config.positive("rms_norm_eps", 1e-6);
    String self = layer + "self_attn.";
    String mlp = layer + "mlp.";
    return new LlamaBlock.Weights(
        new Norm(weights.vector(layer + "input_layernorm.weight", width), null, epsilon),
        new LlamaBlock.SelfAttention(
            weights.linearWithoutBias(self + "q_proj", shape.queryWidth(), width),
            weights.linearWithoutBias(self + "k_proj", shape.keyWidth(), width),
            weights.linearWithoutBias(self + "v_proj", shape.keyWidth(), width),
            weights.linearWithoutBias(self + "o_proj", width, shape.queryWidth())),
        new Norm(weights.vector(layer + "post_attention_layernorm.weight", width), null, epsilon),
        new LlamaBlock.FeedForward(
            weights.linearWithoutBias(mlp + "gate_proj", inner, width),
            weights.linearWithoutBias(mlp + "up_proj", inner, width),
            weights.linearWithoutBias(mlp + "down_proj", width, inner)));
  }

  @Override
  public Task task() {
    return loaded.top().task();
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
                    layer.mlp().gate(),
                    layer.mlp().up(),
                    layer.mlp().down()))
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

  /** A language model keeps its output matrix. */
  private List<Linear> headLayers() {
    return task() == Task.CAUSAL_LANGUAGE_MODELLING ? List.of() : List.of(loaded.top().output());
  }

  @Override
  public int outputs() {
    return loaded.top().output().out();
  }

  @Override
  public int vocabularySize() {
    return loaded.embedding().words().rows();
  }

  @Override
  public int maxPositions() {
    return settings.maxPositions();
  }

  @Override
  public long parameters() {
    return loaded.parameters();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    for (LlamaBlock.Weights layer : loaded.layers()) {
      blocks.add(new LlamaBlock(layer, settings.attention(), settings.rotary(), layout));
    }
    Ends ends = new StackEnds(loaded.embedding(), head(layout));
    return new TransformerWorker(this, kernels, layout, new TransformerWorker.Stack(ends, blocks));
  }

  private Head head(AdapterLayout layout) {
    Top top = loaded.top();
    if (top.task() == Task.CAUSAL_LANGUAGE_MODELLING) {
      return new LanguageHead(top.norm(), top.output().weight());
    }
    PooledLoss loss =
        top.task() == Task.REGRESSION ? PooledLoss.SQUARED_ERROR : PooledLoss.CROSS_ENTROPY;
    return new LastTokenHead(
        top.norm(), new HeadLinear(top.output(), layout), loss, settings.padding());
  }
}
