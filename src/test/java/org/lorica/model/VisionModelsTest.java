package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.data.Example;
import org.lorica.data.ImageShape;
import org.lorica.data.SafeTensors;
import org.lorica.data.Tokens;
import org.lorica.lora.AdapterLayout;
import org.lorica.random.RandomKey;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;
import org.lorica.testing.TinyVision;

class VisionModelsTest {
  private static final long SEED = 3;
  private final Kernels kernels = new CpuKernels();

  @TempDir Path folder;

  @Test
  void aClassifierOfImagesTellsItsShapeAndItsModules() {
    Model vit = Models.load(TinyVision.vit(folder, SEED), kernels);
    assertThat(vit.image()).contains(new ImageShape(3, 6, 6));
    assertThat(vit.maxPositions()).isEqualTo(10);
    assertThat(vit.linearModules()).hasSize(12);
    assertThat(vit.linearModules().get(0).name())
        .isEqualTo("vit.encoder.layer.0.attention.attention.query");
    SafeTensors stored = SafeTensors.open(folder.resolve("model.safetensors"));
    long values = stored.names().stream().mapToLong(n -> stored.floats(n).length).sum();
    assertThat(vit.parameters()).isEqualTo(values);
    Model swin = Models.load(TinyVision.swin(folder, SEED), kernels);
    assertThat(swin.linearModules())
        .hasSize(19)
        .anyMatch(m -> m.name().equals("swin.encoder.layers.0.downsample.reduction"));
    Model deit = Models.load(TinyVision.deit(folder, SEED), kernels);
    assertThat(deit.headModules()).extracting(m -> m.name()).contains("cls_classifier.weight");
  }

  @Test
  void anotherImageSizeNeedsWholePatches() {
    TinyVision.vit(folder, SEED);
    LoadOptions larger = new LoadOptions(Optional.of(10), Optional.empty());
    Model model = Models.load(folder, kernels, larger);
    assertThat(model.maxPositions()).isEqualTo(26);
    assertThat(predict(model, 2).logits(1)).hasSize(3);
    LoadOptions odd = new LoadOptions(Optional.of(7), Optional.empty());
    assertThatThrownBy(() -> Models.load(folder, kernels, odd))
        .hasMessageContaining("multiple of patch_size = 2, got 7");
    TinyModels.bert(folder, SEED);
    assertThatThrownBy(() -> Models.load(folder, kernels, larger)).hasMessageContaining("text");
  }

  private static Predictions predict(Model model, int count) {
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    List<Example> batch =
        TinyVision.batch(model.image().orElseThrow(), count, new SplittableRandom(SEED));
    return model.worker(layout).predict(new float[layout.size()], batch);
  }

  /** A head of another number of classes, and a checkpoint without any head. */
  @ParameterizedTest
  @ValueSource(strings = {"vit", "deit", "swin", "bert", "roberta"})
  void aFreshHeadReplacesTheCheckpointsOrStandsWhereThereIsNone(String architecture) {
    TinyBackbones.write(architecture, folder, SEED);
    RandomKey key = RandomKey.root(1);
    LoadOptions ten =
        LoadOptions.AS_STORED.with(new FreshHead(FreshHead.Start.RANDOM, Optional.of(10), key));
    Model model = Models.load(folder, kernels, ten);
    assertThat(model.outputs()).isEqualTo(10);
    assertThat(model.headValues()).isEqualTo(Models.load(folder, kernels, ten).headValues());
    LoadOptions other =
        LoadOptions.AS_STORED.with(
            new FreshHead(FreshHead.Start.RANDOM, Optional.of(10), RandomKey.root(2)));
    assertThat(model.headValues()).isNotEqualTo(Models.load(folder, kernels, other).headValues());
    rewrite(tensors -> tensors.keySet().removeIf(name -> name.contains("classifier")));
    rewrite(
        tensors -> tensors.put("lm_head.bias", new SafeTensors.Entry(List.of(1), new float[1])));
    LoadOptions zero =
        LoadOptions.AS_STORED.with(new FreshHead(FreshHead.Start.ZERO, Optional.of(4), key));
    Model headless = Models.load(folder, kernels, zero);
    assertThat(headless.outputs()).isEqualTo(4);
    if (headless.image().isPresent()) {
      assertThat(predict(headless, 1).logits(0)).containsOnly(0f);
      assertThat(predict(headless, 1).loss(0)).isCloseTo(Math.log(4), within());
    }
    assertThatThrownBy(() -> Models.load(folder, kernels)).hasMessageContaining("classifier");
    LoadOptions unknown =
        LoadOptions.AS_STORED.with(new FreshHead(FreshHead.Start.ZERO, Optional.empty(), key));
    assertThatThrownBy(() -> Models.load(folder, kernels, unknown))
        .hasMessageContaining("classifier");
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  /** As the encoder alone is saved, and as older checkpoints spell their norms. */
  @Test
  void aBackboneWithoutPrefixAndOldNamesOfNormsAreRead() {
    TinyModels.bert(folder, SEED);
    LoadOptions fresh =
        LoadOptions.AS_STORED.with(
            new FreshHead(FreshHead.Start.RANDOM, Optional.of(3), RandomKey.root(1)));
    Model named = Models.load(folder, kernels, fresh);
    rewrite(
        tensors -> {
          Map<String, SafeTensors.Entry> renamed = new LinkedHashMap<>();
          tensors.forEach(
              (name, entry) ->
                  renamed.put(
                      name.replaceFirst("^bert\\.", "")
                          .replace("LayerNorm.weight", "LayerNorm.gamma")
                          .replace("LayerNorm.bias", "LayerNorm.beta"),
                      entry));
          renamed.keySet().removeIf(name -> name.startsWith("classifier"));
          tensors.clear();
          tensors.putAll(renamed);
        });
    Model bare = Models.load(folder, kernels, fresh);
    AdapterLayout layout = new AdapterLayout(named.linearModules(), List.of(), 1, 1);
    List<Example> batch = List.of(new Example(new int[] {1, 2, 3}, 0));
    assertThat(bare.worker(layout).predict(new float[layout.size()], batch).logits(0))
        .containsExactly(named.worker(layout).predict(new float[layout.size()], batch).logits(0));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aWeightThatIsNotFiniteIsNamed(float value) {
    TinyVision.swin(folder, SEED);
    String name = "swin.encoder.layers.0.blocks.1.attention.self.relative_position_bias_table";
    rewrite(
        tensors -> {
          float[] values = new float[50];
          values[7] = value;
          tensors.put(name, new SafeTensors.Entry(List.of(25, 2), values));
        });
    assertThatThrownBy(() -> Models.load(folder, kernels))
        .hasMessageContainingAll(name, "finite", "index 7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vit.embeddings.cls_token",
        "vit.embeddings.position_embeddings",
        "vit.embeddings.patch_embeddings.projection.weight",
        "vit.layernorm.bias",
        "classifier.weight"
      })
  void aMissingTensorAndOneOfTheWrongShapeAreNamed(String name) {
    TinyVision.vit(folder, SEED);
    rewrite(tensors -> tensors.put(name, new SafeTensors.Entry(List.of(1, 5, 7), new float[35])));
    assertThatThrownBy(() -> Models.load(folder, kernels))
        .hasMessageContainingAll(name, "[1, 5, 7]");
    rewrite(tensors -> tensors.remove(name));
    assertThatThrownBy(() -> Models.load(folder, kernels)).hasMessageContaining(name);
  }

  @Test
  void imagesAndTokensAreNotTakenForEachOther() {
    Model vit = Models.load(TinyVision.vit(folder, SEED), kernels);
    AdapterLayout layout = new AdapterLayout(vit.linearModules(), List.of(), 1, 1);
    Worker worker = vit.worker(layout);
    float[] adapter = new float[layout.size()];
    Example text = new Example(new int[] {1}, 0);
    assertThatThrownBy(() -> worker.predict(adapter, List.of(text)))
        .hasMessageContaining("image of 3 x 6 x 6");
    List<Example> large = TinyVision.batch(new ImageShape(3, 8, 8), 1, new SplittableRandom(SEED));
    assertThatThrownBy(() -> worker.predict(adapter, large)).hasMessageContaining("3 x 8 x 8");
    Model bert = Models.load(TinyModels.bert(folder, SEED), kernels);
    AdapterLayout words = new AdapterLayout(bert.linearModules(), List.of(), 1, 1);
    assertThatThrownBy(() -> bert.worker(words).predict(new float[words.size()], large))
        .hasMessageContaining("tokens");
  }

  /** Segment 1 has another embedding; a segment that the model does not know is refused. */
  @Test
  void segmentsOfTokensReachTheEmbedding() {
    Model bert = Models.load(TinyModels.bert(folder, SEED), kernels);
    AdapterLayout layout = new AdapterLayout(bert.linearModules(), List.of(), 1, 1);
    Worker worker = bert.worker(layout);
    float[] adapter = new float[layout.size()];
    int[] ids = {3, 4, 5};
    float[] plain = worker.predict(adapter, List.of(new Example(ids.clone(), 0))).logits(0);
    Example zeros = new Example(new Tokens(ids.clone(), new int[3]), 0);
    Example pair = new Example(new Tokens(ids.clone(), new int[] {0, 1, 1}), 0);
    assertThat(worker.predict(adapter, List.of(zeros)).logits(0)).containsExactly(plain);
    assertThat(worker.predict(adapter, List.of(pair)).logits(0)).isNotEqualTo(plain);
    Example third = new Example(new Tokens(ids.clone(), new int[] {0, 1, 2}), 0);
    assertThatThrownBy(() -> worker.predict(adapter, List.of(third)))
        .hasMessageContaining("segment");
  }

  /** RoBERTa counts from padding + 1, skips padding tokens, and has so many positions less. */
  @Test
  void paddingTokensTakeNoPositionInRoberta() throws IOException {
    Model model = Models.load(TinyModels.roberta(folder, SEED), kernels);
    assertThat(model.maxPositions()).isEqualTo(14);
    TokenPositions order = new TokenPositions(java.util.OptionalInt.of(1));
    RaggedBatch batch =
        new RaggedBatch(
            List.of(new Example(new int[] {5, 1, 6}, 0), new Example(new int[] {7}, 0)), 0);
    assertThat(order.of(batch)).containsExactly(2, 1, 3, 2);
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"pad_token_id\": 1", "\"pad_token_id\": -1"));
    assertThatThrownBy(() -> Models.load(folder, kernels)).hasMessageContaining("pad_token_id");
  }

  private void rewrite(Consumer<Map<String, SafeTensors.Entry>> change) {
    Path file = folder.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(file);
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    for (String name : stored.names()) {
      tensors.put(name, new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
    }
    change.accept(tensors);
    SafeTensors.write(file, tensors);
  }
}
