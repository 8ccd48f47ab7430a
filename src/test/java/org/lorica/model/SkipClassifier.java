package org.lorica.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;

// docs: model
/** A stack of {@link SkipBlock}s between BERT's embedding and head; weights of a BERT folder. */
record SkipClassifier(Kernels kernels, Parts parts, long parameters) implements Model {

  /** Frozen weights. */
  record Parts(BertEmbedding embedding, List<Layer> layers, Linear dense, Linear output) {}

  /** W₁ and W₂ of a layer. */
  record Layer(Linear up, Linear down) {}

  static SkipClassifier load(Path folder, Kernels kernels) {
    HuggingFaceConfig config = HuggingFaceConfig.read(folder);
    ModelSource source = new ModelSource(folder, config, LoadOptions.AS_STORED, kernels);
    FrozenWeights weights = source.weights("bert.");
    int width = config.size("hidden_size");
    int inner = config.size("intermediate_size");
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.size("num_hidden_layers"); i++) {
      String layer = "bert.encoder.layer." + i + ".";
      layers.add(
          new Layer(
              weights.linear(layer + "intermediate.dense", inner, width),
              weights.linear(layer + "output.dense", width, inner)));
    }
    String names = "bert.embeddings.";
    BertEmbedding embedding =
        new BertEmbedding(
            weights.matrix(names + "word_embeddings.weight", config.size("vocab_size"), width),
            weights.matrix(
                names + "position_embeddings.weight",
                config.size("max_position_embeddings"),
                width),
            weights.matrix(names + "token_type_embeddings.weight", 2, width),
            weights.norm(names + "LayerNorm", width, 1e-12),
            new TokenPositions(OptionalInt.empty()));
    Linear dense = weights.beforeOutput("bert.pooler.dense", width, width);
    Linear output = weights.output("classifier", width);
    return new SkipClassifier(
        kernels, new Parts(embedding, layers, dense, output), weights.parameters());
  }

  @Override
  public Task task() {
    return Task.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public List<LoraModule> linearModules() {
    return parts.layers().stream()
        .flatMap(layer -> Stream.of(layer.up(), layer.down()))
        .map(Linear::module)
        .toList();
  }

  @Override
  public List<LoraModule> headModules() {
    return HeadLinear.modules(List.of(parts.output()));
  }

  @Override
  public float[] headValues() {
    return HeadLinear.values(List.of(parts.output()));
  }

  @Override
  public int outputs() {
    return parts.output().out();
  }

  @Override
  public int vocabularySize() {
    return parts.embedding().words().rows();
  }

  @Override
  public int maxPositions() {
    return parts.embedding().positions().rows();
  }

  @Override
  public Worker worker(AdapterLayout layout) {
    List<Block> blocks = new ArrayList<>();
    parts.layers().forEach(l -> blocks.add(new SkipBlock(l.up(), l.down(), layout)));
    Head head =
        new PooledHead(
            new HeadLinear(parts.dense(), layout),
            new HeadLinear(parts.output(), layout),
            PooledLoss.CROSS_ENTROPY);
    Ends ends = new StackEnds(parts.embedding(), head);
    return new TransformerWorker(this, kernels, layout, new TransformerWorker.Stack(ends, blocks));
  }
}
// docs: end
