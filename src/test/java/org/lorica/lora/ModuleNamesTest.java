package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.data.SafeTensors;

/** Layers that transformers 5 holds under other names than its files do. */
class ModuleNamesTest {
  private static final String VIT = "vit.encoder.layer.";
  private static final List<LoraModule> LAYERS =
      List.of(
          new LoraModule(VIT + "0.attention.attention.query", 4, 4),
          new LoraModule(VIT + "0.attention.output.dense", 4, 4),
          new LoraModule(VIT + "0.output.dense", 4, 6),
          new LoraModule(VIT + "1.attention.attention.query", 4, 4));

  @TempDir private Path dir;

  /** As transformers 5.18 names them: docs/interop/check.py holds whole models to it. */
  @ParameterizedTest
  @CsvSource({
    "vit.encoder.layer.0.attention.attention.query, vit.layers.0.attention.q_proj",
    "deit.encoder.layer.11.attention.attention.key, deit.layers.11.attention.k_proj",
    "vit.encoder.layer.3.attention.attention.value, vit.layers.3.attention.v_proj",
    "vit.encoder.layer.3.attention.output.dense, vit.layers.3.attention.o_proj",
    "vit.encoder.layer.3.intermediate.dense, vit.layers.3.mlp.fc1",
    "vit.encoder.layer.3.output.dense, vit.layers.3.mlp.fc2",
    "swin.encoder.layers.1.blocks.0.attention.self.query, swin.encoder.layers.1.blocks.0.attention.q_proj",
    "swin.encoder.layers.1.blocks.0.output.dense, swin.encoder.layers.1.blocks.0.mlp.fc2",
    "swin.encoder.layers.0.downsample.reduction, swin.encoder.layers.0.downsample.reduction",
    "bert.encoder.layer.0.attention.self.query, bert.encoder.layer.0.attention.self.query",
    "model.layers.0.self_attn.q_proj, model.layers.0.self_attn.q_proj",
    "classifier.weight, classifier.weight"
  })
  void layersOfVisionModelsHaveASecondName(String stored, String inMemory) {
    assertThat(ModuleNames.inMemory(stored)).isEqualTo(inMemory);
  }

  @Test
  void modulesAreSelectedByEitherName() {
    for (String name : List.of("query", "q_proj", "attention.q_proj")) {
      assertThat(TargetModules.select(LAYERS, List.of(name)))
          .containsExactly(LAYERS.get(0), LAYERS.get(3));
    }
    assertThat(TargetModules.select(LAYERS, List.of("vit.layers.1.attention.q_proj")))
        .containsExactly(LAYERS.get(3));
    LoraRanks ranks =
        new LoraRanks(2, 4, LoraRanks.Divisor.RANK, Map.of("layers.1.*", 1), Map.of("q_proj", 8.0));
    assertThat(ranks.of(LAYERS.get(3).name())).isEqualTo(new LoraRank(1, 8));
    assertThat(ranks.of(LAYERS.get(0).name())).isEqualTo(new LoraRank(2, 4));
  }

  @Test
  void entriesForPeftSelectTheSameModulesUnderBothNames() {
    assertThat(TargetModules.forPeft(LAYERS, List.of("query"))).containsExactly("query", "q_proj");
    assertThat(TargetModules.forPeft(LAYERS, List.of("none"))).containsExactly("none");
    assertThat(TargetModules.forPeft(LAYERS, List.of("layer.1.attention.attention.query")))
        .containsExactly("layer.1.attention.attention.query", "1.attention.q_proj");
    assertThat(TargetModules.forPeft(LAYERS, List.of("output.dense")))
        .containsExactly("output.dense", "o_proj", "fc2");
  }

  /** PEFT would give factors to the pooler, or to the head's dense layer, as well. */
  @Test
  void entriesForPeftMatchNoLayerOfAHead() {
    List<LoraModule> bert =
        List.of(
            new LoraModule("bert.encoder.layer.0.attention.self.query", 4, 4),
            new LoraModule("bert.encoder.layer.0.attention.output.dense", 4, 4),
            new LoraModule("bert.encoder.layer.0.intermediate.dense", 6, 4));
    assertThat(TargetModules.forPeft(bert, List.of("dense", "query")))
        .containsExactly("query", "output.dense", "intermediate.dense");
  }

  @Test
  void anAdapterIsWrittenUnderBothNamesAndReadByEither() {
    List<LoraRank> ranks = List.of(new LoraRank(2, 4), new LoraRank(1, 3));
    AdapterLayout layout = new AdapterLayout(LAYERS.subList(0, 2), List.of(), ranks);
    float[] values = new float[layout.size()];
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    AdapterSet adapter = AdapterSet.of(layout, values);
    PeftConfig config =
        new PeftConfig(
            new LoraRanks(2, 8, LoraRanks.Divisor.RANK),
            List.of("query", "q_proj", "attention.output.dense", "o_proj"),
            new PeftConfig.Origin("", "base", List.of()));
    PeftAdapter.write(dir, adapter, config);
    Path file = dir.resolve(PeftAdapter.FILE);
    SafeTensors stored = SafeTensors.open(file);
    Map<String, SafeTensors.Entry> both =
        stored.names().stream()
            .collect(
                Collectors.toMap(
                    name -> name,
                    name -> new SafeTensors.Entry(stored.shape(name), stored.floats(name))));
    assertThat(both).hasSize(8);
    AdapterSet zero = AdapterSet.of(layout, new float[layout.size()]);
    assertThat(PeftAdapter.read(dir, zero)).isEqualTo(adapter);
    LoraRanks written = PeftConfig.read(dir).ranks();
    assertThat(written.rankPattern()).hasSize(1);
    assertThat(written.of("vit.layers.0.attention.o_proj")).isEqualTo(new LoraRank(1, 3));
    assertThat(written.of(LAYERS.get(1).name())).isEqualTo(new LoraRank(1, 3));
    for (String kind : List.of("vit.layers.", "vit.encoder.")) {
      keepOnly(file, both, kind);
      assertThat(SafeTensors.open(file).names()).hasSize(4);
      assertThat(PeftAdapter.read(dir, zero)).isEqualTo(adapter);
    }
    Set<String> none = Set.of();
    keepOnly(file, both, "nothing");
    assertThatThrownBy(() -> PeftAdapter.read(dir, zero))
        .hasMessageContaining(VIT + "0.attention.attention.query.lora_");
    assertThat(PeftAdapter.adapts(none, LAYERS.get(0))).isFalse();
    assertThat(PeftAdapter.adapts(both.keySet(), LAYERS.get(0))).isTrue();
    assertThat(PeftAdapter.adapts(both.keySet(), LAYERS.get(2))).isFalse();
  }

  private static void keepOnly(Path file, Map<String, SafeTensors.Entry> all, String part) {
    Map<String, SafeTensors.Entry> kept = new LinkedHashMap<>(all);
    kept.keySet().removeIf(name -> !name.contains(part));
    SafeTensors.write(file, kept);
  }
}
