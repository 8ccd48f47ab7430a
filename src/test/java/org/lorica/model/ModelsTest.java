package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.Example;
import org.lorica.data.SafeTensors;
import org.lorica.data.Tokens;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;
import org.lorica.testing.TinyBackbones;
import org.lorica.testing.TinyModels;

class ModelsTest {
  private static final long SEED = 7;
  private final Kernels kernels = new Nd4jKernels(Precision.FLOAT32);

  @TempDir Path folder;

  @Test
  void aClassifierTellsItsShape() {
    Model model = Models.load(TinyModels.bert(folder, SEED), kernels);
    assertThat(model.task()).isEqualTo(Model.Task.SEQUENCE_CLASSIFICATION);
    assertThat(model.outputs()).isEqualTo(3);
    assertThat(model.vocabularySize()).isEqualTo(23);
    assertThat(model.maxPositions()).isEqualTo(16);
    assertThat(model.linearModules())
        .hasSize(12)
        .startsWith(
            new LoraModule("bert.encoder.layer.0.attention.self.query", 8, 8),
            new LoraModule("bert.encoder.layer.0.attention.self.key", 8, 8),
            new LoraModule("bert.encoder.layer.0.attention.self.value", 8, 8),
            new LoraModule("bert.encoder.layer.0.attention.output.dense", 8, 8),
            new LoraModule("bert.encoder.layer.0.intermediate.dense", 12, 8),
            new LoraModule("bert.encoder.layer.0.output.dense", 8, 12));
    assertThat(model.headModules())
        .containsExactly(
            new LoraModule("classifier.weight", 3, 8), new LoraModule("classifier.bias", 1, 3));
    SafeTensors stored = SafeTensors.open(folder.resolve("model.safetensors"));
    assertThat(model.headValues()).startsWith(stored.floats("classifier.weight")).hasSize(27);
    assertThat(model.headValues()).endsWith(stored.floats("classifier.bias"));
    long values =
        stored.names().stream()
            .mapToLong(
                name -> stored.shape(name).stream().mapToInt(s -> s).reduce(1, (a, b) -> a * b))
            .sum();
    assertThat(model.parameters()).isEqualTo(values);
  }

  @Test
  void aTiedLanguageModelUsesItsEmbeddingAsOutputMatrix() {
    Path tied = TinyModels.tiedLlama(folder.resolve("tied"), SEED);
    SafeTensors stored = SafeTensors.open(tied.resolve("model.safetensors"));
    Path untied = TinyModels.llama(folder.resolve("untied"), SEED);
    rewrite(
        untied,
        tensors ->
            tensors.put(
                "lm_head.weight",
                new SafeTensors.Entry(List.of(23, 8), stored.floats("model.embed_tokens.weight"))));
    Model one = Models.load(tied, kernels);
    Model two = Models.load(untied, kernels);
    assertThat(one.linearModules()).hasSize(14).isEqualTo(two.linearModules());
    assertThat(one.headModules()).isEmpty();
    assertThat(two.parameters() - one.parameters()).isEqualTo(23 * 8);
    AdapterLayout layout = new AdapterLayout(one.linearModules(), List.of(), 1, 1);
    float[] adapter = new float[layout.size()];
    List<Example> batch = List.of(new Example(new int[] {3, 1, 4}, Example.NO_LABEL));
    Predictions expected = two.worker(layout).predict(adapter, batch);
    Predictions found = one.worker(layout).predict(adapter, batch);
    assertThat(found.logits(0)).hasSize(23).containsExactly(expected.logits(0), within(0f));
    assertThat(found.loss(0)).isEqualTo(expected.loss(0));
  }

  @ParameterizedTest
  @CsvSource({
    "bert.pooler.dense.weight",
    "bert.encoder.layer.1.output.dense.bias",
    "classifier.weight",
    "bert.embeddings.LayerNorm.weight"
  })
  void aMissingTensorIsNamedWithItsFile(String tensor) {
    TinyModels.bert(folder, SEED);
    rewrite(folder, tensors -> tensors.remove(tensor));
    assertRefused(tensor, "model.safetensors");
  }

  @Test
  void aTensorOfTheWrongShapeIsNamedWithBothShapes() {
    TinyModels.bert(folder, SEED);
    String tensor = "bert.encoder.layer.0.intermediate.dense.weight";
    rewrite(
        folder,
        tensors -> tensors.put(tensor, new SafeTensors.Entry(List.of(8, 12), new float[96])));
    assertRefused(tensor, "model.safetensors", "[12, 8]", "[8, 12]");
  }

  @Test
  void aWeightWithoutAPlaceIsAnErrorAndAKnownBufferIsNot() {
    TinyModels.bert(folder, SEED);
    SafeTensors.Entry value = new SafeTensors.Entry(List.of(1, 2), new float[2]);
    rewrite(folder, tensors -> tensors.put("bert.embeddings.position_ids", value));
    assertThat(Models.load(folder, kernels).outputs()).isEqualTo(3);
    rewrite(folder, tensors -> tensors.put("bert.encoder.layer.2.extra.weight", value));
    assertRefused("bert.encoder.layer.2.extra.weight", "model.safetensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"model_type\": \"bert\" | \"model_type\": \"gpt2\" | [bert, roberta, llama, vit, deit, swin]",
        "\"hidden_act\": \"gelu\" | \"hidden_act\": \"relu\" | hidden_act",
        "\"hidden_act\": \"gelu\" | \"hidden_act\": \"gelu\", \"is_decoder\": true | is_decoder",
        "\"hidden_size\": 8       | \"hidden_size\": \"8\"   | hidden_size",
        "\"vocab_size\": 23       | \"vocab_size\": 0        | vocab_size",
        "\"num_attention_heads\": 2 | \"num_attention_heads\": 3 | num_attention_heads",
        "\"num_hidden_layers\": 2 | \"layers\": 2            | num_hidden_layers",
        "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 2, \"quantization_config\": {} | quantization_config",
        "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 2, \"architectures\": [\"BertForMultipleChoice\"] | architectures",
        "{                        | [                        | config.json"
      })
  void aConfigurationThatCannotBeComputedIsRefused(String from, String to, String reason)
      throws IOException {
    Path config = TinyModels.bert(folder, SEED).resolve("config.json");
    String text = Files.readString(config);
    assertThat(text).contains(from);
    Files.writeString(config, text.replace(from, to));
    assertRefused(reason, "config.json", "expected", "found");
  }

  @ParameterizedTest
  @CsvSource({
    "rope_scaling, '{\"rope_type\": \"dynamic\", \"factor\": 2}'",
    "rope_scaling, '{\"rope_type\": \"linear\"}'",
    "rope_scaling, '{\"type\": \"llama3\", \"factor\": 2, \"low_freq_factor\": 1, \"high_freq_factor\": 4}'",
    "rope_scaling, 3",
    "rope_parameters, '{\"rope_type\": \"default\", \"factor\": 2}'",
    "rope_parameters, '{\"rope_theta\": 500, \"partial_rotary_factor\": 0.5}'",
    "attention_bias, true",
    "mlp_bias, true",
    "head_dim, 3"
  })
  void aLlamaVariantThatIsNotComputedIsRefused(String key, String value) throws IOException {
    Path config = TinyModels.llama(folder, SEED).resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("}", ", \"" + key + "\": " + value + "}"));
    assertRefused(key);
  }

  /** transformers 5 keeps rope_theta in rope_parameters, which wins over one outside. */
  @Test
  void theRotaryBaseIsFoundWhereEitherVersionOfTransformersKeepsIt() throws IOException {
    Path config = TinyModels.llama(folder, SEED).resolve("config.json");
    String text = Files.readString(config);
    float[] usual = lastLogits();
    Files.writeString(config, text.replace("10000.0", "50"));
    float[] outside = lastLogits();
    assertThat(outside).isNotEqualTo(usual);
    String inside = ", \"rope_parameters\": {\"rope_theta\": 50.0, \"rope_type\": \"default\"}}";
    Files.writeString(config, text.replace("}", inside));
    assertThat(lastLogits()).isEqualTo(outside);
    Files.writeString(config, text.replace("}", ", \"rope_parameters\": {}}"));
    assertThat(lastLogits()).isEqualTo(usual);
  }

  @Test
  void scaledRotaryAnglesAreFoundWhereEitherVersionOfTransformersKeepsThem() throws IOException {
    Path config = TinyModels.llama(folder, SEED).resolve("config.json");
    String text = Files.readString(config);
    float[] usual = lastLogits();
    for (String scaling :
        List.of(
            "\"rope_type\": \"linear\", \"factor\": 4.0}}",
            "\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0,"
                + " \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 16}}")) {
      Files.writeString(config, text.replace("}", ", \"rope_scaling\": {" + scaling));
      float[] outside = lastLogits();
      assertThat(outside).isNotEqualTo(usual);
      Files.writeString(
          config, text.replace("}", ", \"rope_parameters\": {\"rope_theta\": 10000.0, " + scaling));
      assertThat(lastLogits()).isEqualTo(outside);
    }
  }

  private float[] lastLogits() {
    Model model = Models.load(folder, kernels);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    Example text = new Example(new Tokens(new int[] {3, 7, 2, 9}), 0);
    return model.worker(layout).predict(new float[layout.size()], List.of(text)).logits(0);
  }

  @ParameterizedTest
  @CsvSource({
    "bert, multi_label_classification, false",
    "bert, regression, false",
    "bert, single_label_classification, true",
    "regression, single_label_classification, false",
    "regression, regression, true",
    "llama classes, multi_label_classification, false",
    "llama classes, single_label_classification, true",
    "span, multi_label_classification, true",
    "vit, multi_label_classification, false",
    "swin, regression, false"
  })
  void aStoredHeadIsTrainedWithTheLossItNamesOrRefused(String kind, String problem, boolean fits)
      throws IOException {
    Path model = TinyBackbones.write(kind, folder, SEED);
    nameProblem(model, problem);
    if (fits) {
      assertThat(Models.load(folder, kernels).outputs()).isPositive();
    } else {
      assertRefused("problem_type", "config.json", "found \"" + problem + "\"");
    }
  }

  /** A head that takes the stored one's place has a loss of its own. */
  @Test
  void aFreshHeadDoesNotCareForTheStoredProblem() throws IOException {
    nameProblem(TinyModels.bert(folder, SEED), "multi_label_classification");
    LoadOptions fresh = LoadOptions.AS_STORED.with(FreshHead.placeholder(4));
    assertThat(Models.load(folder, kernels, fresh).outputs()).isEqualTo(4);
  }

  private static void nameProblem(Path model, String problem) throws IOException {
    Path config = model.resolve("config.json");
    String key = "{\"problem_type\": \"" + problem + "\", ";
    Files.writeString(config, Files.readString(config).replaceFirst("\\{", key));
  }

  /** As transformers: LLaMA has no token types, though its tokenizers mark second texts. */
  @Test
  void aDecoderReadsNoSegments() {
    Model model = Models.load(TinyModels.llamaScore(folder, SEED, 3), kernels);
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    int[] ids = {3, 7, 2, 9};
    Example plain = new Example(new Tokens(ids), 0);
    Example pair = new Example(new Tokens(ids.clone(), new int[] {0, 0, 1, 1}), 0);
    Predictions found =
        model.worker(layout).predict(new float[layout.size()], List.of(plain, pair));
    assertThat(found.logits(1)).isEqualTo(found.logits(0));
  }

  @Test
  void aFolderWithoutModelIsNamed() {
    assertRefused("config.json", folder.toString());
  }

  @Test
  void aLayoutThatNamesAnUnknownModuleIsRefused() {
    Model model = Models.load(TinyModels.bert(folder, SEED), kernels);
    Stream.of(new LoraModule("bert.pooler.dense", 8, 8), new LoraModule("x", 8, 8))
        .forEach(
            module -> {
              AdapterLayout layout = new AdapterLayout(List.of(module), List.of(), 2, 1);
              assertThatThrownBy(() -> model.worker(layout))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining(module.name());
            });
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> Models.load(folder, kernels))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  private static void rewrite(Path model, Consumer<Map<String, SafeTensors.Entry>> change) {
    Path file = model.resolve("model.safetensors");
    SafeTensors stored = SafeTensors.open(file);
    Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
    for (String name : stored.names()) {
      tensors.put(name, new SafeTensors.Entry(stored.shape(name), stored.floats(name)));
    }
    change.accept(tensors);
    SafeTensors.write(file, tensors);
  }
}
