package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageRecord;
import org.lorica.data.ImageSet;
import org.lorica.data.ImageSource;
import org.lorica.data.LabelMap;
import org.lorica.data.PixelTable;
import org.lorica.data.Preprocessor;
import org.lorica.data.SafeTensors;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.CpuKernels;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Nd4jKernels;
import org.lorica.tensor.Precision;

/** Forward pass, per-example gradients and a clipped step against PyTorch's results on file. */
class GoldenModelsTest {
  private static final Path GOLDEN = Path.of("../shared/golden");
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> modelsAndKernels() {
    return Stream.of("bert", "roberta", "vit", "llama")
        .flatMap(
            model -> kernels().map(k -> Arguments.of(model, k.name() + " " + k.precision(), k)));
  }

  private static Stream<Kernels> kernels() {
    return Stream.of(
        new CpuKernels(), new Nd4jKernels(Precision.FLOAT32), new Nd4jKernels(Precision.FLOAT64));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndKernels")
  void logitsAndLossesAreThoseOfPyTorch(String model, String label, Kernels kernels)
      throws IOException {
    Golden golden = Golden.open(model, kernels);
    JsonNode expected = JSON.readTree(golden.folder.resolve("logits.json").toFile());
    Predictions found = golden.worker().predict(golden.initial(), golden.examples);
    for (int e = 0; e < golden.examples.size(); e++) {
      JsonNode row = expected.get("logits").get(e);
      float[] logits = found.logits(e);
      assertThat(logits).hasSize(row.size());
      for (int j = 0; j < logits.length; j++) {
        assertThat((double) logits[j]).isCloseTo(row.get(j).asDouble(), within(1e-4));
      }
      assertThat(found.loss(e)).isCloseTo(expected.get("loss").get(e).asDouble(), within(1e-4));
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("modelsAndKernels")
  void perExampleNormsAndTheClippedStepAreThoseOfPyTorch(
      String model, String label, Kernels kernels) throws IOException {
    Golden golden = Golden.open(model, kernels);
    assertStep(golden, "joint", slot -> true, "adapter-step1");
    assertStep(golden, "B_only", slot -> slot.role() == Role.B, "adapter-stepB");
  }

  /** A model pretrained on stories, with tied embeddings: its own next words after a prompt. */
  @Test
  void aPretrainedLanguageModelContinuesItsStoryAsPyTorchDoes() throws IOException {
    Path folder = Path.of("../shared/data/stories260k");
    assumeTrue(Files.isDirectory(folder), () -> "no model at " + folder);
    JsonNode expected = JSON.readTree(folder.resolve("golden.json").toFile());
    Model model = Models.load(folder, new CpuKernels());
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    int[] ids = ints(expected.get("greedy_ids"));
    int prompt = expected.get("prompt_ids").size();
    List<Example> prefixes =
        IntStream.range(0, ids.length - prompt)
            .mapToObj(i -> new Example(Arrays.copyOf(ids, prompt + i), Example.NO_LABEL))
            .toList();
    Predictions found = model.worker(layout).predict(new float[layout.size()], prefixes);
    JsonNode logits = expected.get("next_logits_first16");
    for (int j = 0; j < logits.size(); j++) {
      assertThat((double) found.logits(0)[j]).isCloseTo(logits.get(j).asDouble(), within(1e-4));
    }
    for (int i = 0; i < prefixes.size(); i++) {
      assertThat(found.best(i)).isEqualTo(ids[prompt + i]);
    }
  }

  /** DeiT-tiny as trained on ImageNet: logits of a synthetic image. */
  @Test
  void aPretrainedVisionTransformerAnswersAsPyTorchDoes() throws IOException {
    Path folder = Path.of("../shared/data/deit-tiny-imagenet");
    assumeTrue(Files.isDirectory(folder), () -> "no model at " + folder);
    JsonNode expected = JSON.readTree(folder.resolve("golden.json").toFile());
    double tolerance = expected.get("tolerance").asDouble();
    Model model = Models.load(folder, new CpuKernels());
    AdapterLayout layout = new AdapterLayout(model.linearModules(), List.of(), 1, 1);
    float[] pixels = new float[3 * 224 * 224];
    for (int k = 0; k < pixels.length; k++) {
      pixels[k] = (float) Math.sin(0.001 * k);
    }
    Example example = new Example(Image.of(model.image().orElseThrow(), pixels), Example.NO_LABEL);
    Predictions found = model.worker(layout).predict(new float[layout.size()], List.of(example));
    float[] logits = found.logits(0);
    for (int j = 0; j < expected.get("logits_first16").size(); j++) {
      assertThat((double) logits[j])
          .isCloseTo(expected.get("logits_first16").get(j).asDouble(), within(tolerance));
    }
    double squares = 0;
    for (float logit : logits) {
      squares += logit * logit;
    }
    assertThat(Math.sqrt(squares))
        .isCloseTo(expected.get("logits_l2").asDouble(), within(tolerance));
    assertThat(found.best(0)).isEqualTo(expected.get("argmax").asInt());
  }

  private static int[] ints(JsonNode numbers) {
    return IntStream.range(0, numbers.size()).map(i -> numbers.get(i).asInt()).toArray();
  }

  private static void assertStep(
      Golden golden, String norms, Predicate<TensorSlot> trained, String stepped)
      throws IOException {
    JsonNode numbers = JSON.readTree(golden.folder.resolve("norms.json").toFile());
    ActiveTensors active = ActiveTensors.of(golden.layout, trained);
    float[] adapter = golden.initial();
    PerExampleGradients gradients = golden.worker().gradients(adapter, active, golden.examples);
    double clip = numbers.get("clip").asDouble();
    double[] factors = new double[gradients.examples()];
    for (int e = 0; e < factors.length; e++) {
      double expected = numbers.get(norms).get(e).asDouble();
      assertThat(gradients.norm(e)).isCloseTo(expected, within(1e-4 * expected));
      factors[e] = Math.min(1, clip / gradients.norm(e));
    }
    double[] sum = new double[active.size()];
    gradients.addScaledTo(factors, sum);
    double step = numbers.get("lr").asDouble() / numbers.get("expected_batch").asDouble();
    int from = 0;
    for (TensorSlot slot : active.slots()) {
      for (int i = 0; i < slot.size(); i++) {
        adapter[slot.offset() + i] -= (float) (step * sum[from + i]);
      }
      from += slot.size();
    }
    float[] expected = golden.adapter(stepped);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) adapter[i]).as("value %d", i).isCloseTo(expected[i], within(1e-5));
    }
  }

  private record Golden(
      Path folder, Kernels kernels, Model model, AdapterLayout layout, List<Example> examples) {

    static Golden open(String name, Kernels kernels) throws IOException {
      Path folder = GOLDEN.resolve(name);
      assumeTrue(Files.isDirectory(folder), () -> "no golden files at " + folder);
      Model model = Models.load(folder.resolve("model"), kernels);
      JsonNode config = JSON.readTree(folder.resolve("init-adapter/adapter_config.json").toFile());
      List<LoraModule> modules = new ArrayList<>();
      for (LoraModule module : model.linearModules()) {
        for (JsonNode target : config.get("target_modules")) {
          if (module.name().endsWith("." + target.asText())) {
            modules.add(module);
          }
        }
      }
      int rank = config.get("r").asInt();
      double scaling = config.get("lora_alpha").asDouble() / rank;
      AdapterLayout layout = new AdapterLayout(modules, List.of(), rank, scaling);
      List<Example> examples = model.image().isPresent() ? images(folder, model) : examples(folder);
      return new Golden(folder, kernels, model, layout, examples);
    }

    private static List<Example> images(Path folder, Model model) {
      ImageSource source =
          new ImageSource(
              new ImageSource.Settings(
                  new LabelMap(List.of()),
                  ImageSource.Channels.AS_STORED,
                  ImageSet.BadRecords.FAIL,
                  new PixelTable.Layout(PixelTable.LabelColumn.LAST, 255)),
              Preprocessor.open(folder.resolve("model"), model.image().orElseThrow()));
      ImageSet set =
          source.read(folder.resolve("data"), ImageSource.Format.FOLDER, ImageSource.Part.TEST);
      return set.records().stream().map(ImageRecord::example).toList();
    }

    private static List<Example> examples(Path folder) throws IOException {
      List<Example> examples = new ArrayList<>();
      try (HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(folder.resolve("model/tokenizer.json"))) {
        Path table = folder.resolve("data.tsv");
        if (Files.exists(table)) {
          for (String line : Files.readAllLines(table).stream().skip(1).toList()) {
            int tab = line.indexOf('\t');
            int label = Integer.parseInt(line.substring(tab + 1).trim());
            examples.add(new Example(ids(tokenizer, line.substring(0, tab)), label));
          }
        } else {
          for (String line : Files.readAllLines(folder.resolve("data.jsonl"))) {
            String text = JSON.readTree(line).get("text").asText();
            examples.add(new Example(ids(tokenizer, text), Example.NO_LABEL));
          }
        }
      }
      return examples;
    }

    private static int[] ids(HuggingFaceTokenizer tokenizer, String text) {
      return Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
    }

    Worker worker() {
      return model.worker(layout);
    }

    float[] initial() {
      return adapter("init-adapter");
    }

    float[] adapter(String name) {
      SafeTensors stored = SafeTensors.open(folder.resolve(name + "/adapter_model.safetensors"));
      float[] values = new float[layout.size()];
      for (TensorSlot slot : layout.slots()) {
        String tensor =
            "base_model.model." + slot.module() + ".lora_" + slot.role().name() + ".weight";
        assertThat(stored.shape(tensor)).containsExactly(slot.rows(), slot.cols());
        System.arraycopy(stored.floats(tensor), 0, values, slot.offset(), slot.size());
      }
      return values;
    }
  }
}
