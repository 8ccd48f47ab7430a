package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.data.SafeTensors;
import org.lorica.random.RandomKey;

class PeftAdapterTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(
          List.of(new LoraModule("bert.encoder.layer.0.attention.self.query", 6, 5)),
          List.of(
              new LoraModule("classifier.weight", 3, 5), new LoraModule("classifier.bias", 1, 3)),
          2,
          4.0);
  private static final PeftConfig CONFIG =
      new PeftConfig(
          new LoraRanks(2, 8, LoraRanks.Divisor.RANK),
          List.of("query"),
          new PeftConfig.Origin("SEQ_CLS", "base", List.of("classifier")));

  @TempDir private Path dir;

  private static AdapterSet random() {
    float[] values = new float[LAYOUT.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RandomKey.root(4).gaussian(i);
    }
    return AdapterSet.of(LAYOUT, values);
  }

  private static AdapterSet zero() {
    return AdapterSet.of(LAYOUT, new float[LAYOUT.size()]);
  }

  @Test
  void whatIsWrittenIsReadBackBitByBitUnderPeftsNames() {
    PeftAdapter.write(dir, random(), CONFIG);
    assertThat(PeftAdapter.read(dir, zero())).isEqualTo(random());
    assertThat(SafeTensors.open(dir.resolve(PeftAdapter.FILE)).names())
        .containsExactlyInAnyOrder(
            "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight",
            "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight",
            "base_model.model.classifier.weight",
            "base_model.model.classifier.bias");
    assertThat(PeftConfig.read(dir)).isEqualTo(CONFIG);
  }

  @Test
  void anotherRankScalingOrModuleIsRefusedWithTheKey() {
    PeftAdapter.write(dir, random(), CONFIG);
    AdapterLayout narrow = new AdapterLayout(LAYOUT.modules(), LAYOUT.head(), 1, 4.0);
    assertThatThrownBy(() -> PeftAdapter.read(dir, AdapterSet.of(narrow, new float[narrow.size()])))
        .hasMessageContaining("r must equal lora.rank or lora.rank-pattern = 1, found 2");
    AdapterLayout scaled = new AdapterLayout(LAYOUT.modules(), LAYOUT.head(), 2, 1.0);
    assertThatThrownBy(() -> PeftAdapter.read(dir, AdapterSet.of(scaled, new float[scaled.size()])))
        .hasMessageContaining("lora.alpha");
    AdapterLayout headless = new AdapterLayout(LAYOUT.modules(), List.of(), 2, 4.0);
    assertThatThrownBy(
            () -> PeftAdapter.read(dir, AdapterSet.of(headless, new float[headless.size()])))
        .hasMessageContaining("belongs to no target module");
  }

  @Test
  void targetsAreChosenByWholeNamePartsFromTheEnd() {
    List<LoraModule> modules =
        List.of(new LoraModule("m.0.attn.query", 4, 4), new LoraModule("m.0.attn.subquery", 4, 4));
    assertThat(TargetModules.select(modules, List.of("query"))).containsExactly(modules.get(0));
    assertThatThrownBy(() -> TargetModules.select(modules, List.of("value")))
        .hasMessageContaining("lora.target-modules");
  }
}
