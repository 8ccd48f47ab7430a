package org.lorica.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.Tensor;

/**
 * LLaMA as a language model (arXiv 2302.13971), as Hugging Face's LlamaForCausalLM computes it:
 * rotary positions in half-split layout, grouped key heads, SwiGLU, tied or own output matrix.
 */
final class LlamaCausalLm implements Model {

  /** What config.json says beyond the weights' shapes. */
  private record Settings(Attention.Shape attention, Rotary rotary, int maxPositions) {}

  private final Kernels kernels;
  private final Settings settings;
  private final LanguageEnds ends;
  private final List<LlamaBlock.Weights> layers;
  private final long parameters;

  private LlamaCausalLm(
      Kernels kernels,
      Settings settings,
      LanguageEnds ends,
      List<LlamaBlock.Weights> layers,
      long parameters) {
    this.kernels = kernels;
    this.settings = settings;
    this.ends = ends;
    this.layers = List.copyOf(layers);
    this.parameters = parameters;
  }

  static LlamaCausalLm load(Path folder, HuggingFaceConfig config, Kernels kernels) {
    Settings settings = settings(config);
    int width = config.size("hidden_size");
    double epsilon = config.positive("rms_norm_eps", 1e-6);
    boolean tied = config.flag("tie_word_embeddings");
    int words = config.size("vocab_size");
    FrozenWeights weights = FrozenWeights.open(folder, kernels);
    Tensor embedding = weights.matrix("model.embed_tokens.weight", words, width);
    List<LlamaBlock.Weights> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      layers.add(layer(weights, config, settings.attention(), "model.layers." + i + "."));
    }
    LanguageEnds ends =
        new LanguageEnds(
            embedding,
            new Norm(weights.vector("model.norm.weight", width), null, epsilon),
            tied ? embedding : weights.matrix("lm_head.weight", words, width));
    // Some tied models store the shared matrix twice.
    weights.requireAllUsed(
        name -> name.endsWith("rotary_emb.inv_freq") || (tied && name.equals("lm_head.weight")));
    return new LlamaCausalLm(kernels, settings, ends, layers, weights.parameters());
  }

  private static Settings settings(HuggingFaceConfig config) {
    config.require("hidden_act", "silu");
    config.require("rope_scaling", "null");
    config.require("rope_parameters", "null"); // where newer files put what changes the angles
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
        new Rotary(headWidth, config.positive("rope_theta", 10_000), Rotary.Direction.FORWARD),
        config.size("max_position_embeddings"));
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
    return Task.CAUSAL_LANGUAGE_MODELLING;
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
                    layer.mlp().gate(),
                    layer.mlp().up(),
                    layer.mlp().down()))
        .map(Linear::module)
        .toList();
  }

  @Override
  public List<LoraModule> headModules() {
    return List.of();
  }

  @Override
  public float[] headValues() {
    return new float[0];
  }

  @Override
  public int outputs() {
    return ends.output().rows();
  }

  @Override
  public int vocabularySize() {
    return ends.words().rows();
  }

  @Override
  public int maxPositions() {
    return settings.maxPositions();
  }

  @Override
  public long parameters() {
    return parameters;
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    for (LlamaBlock.Weights layer : layers) {
      blocks.add(new LlamaBlock(layer, settings.attention(), settings.rotary(), layout));
    }
    return new TransformerWorker(this, kernels, layout, new TransformerWorker.Stack(ends, blocks));
  }
}
