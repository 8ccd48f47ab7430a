package org.lorica.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.random.RandomKey;
import org.lorica.tensor.Matrix;

/** PEFT's {@code rank_pattern} and {@code alpha_pattern}. */
class LoraRanksTest {
  private static final List<LoraModule> MODULES =
      List.of(
          new LoraModule("m.layer.0.query", 6, 5),
          new LoraModule("m.layer.0.value", 4, 5),
          new LoraModule("m.layer.1.query", 6, 5));

  @TempDir private Path dir;

  /** A key is the whole name, or its last parts, or a regular expression of either. */
  @ParameterizedTest
  @CsvSource({
    "query, m.layer.0.query, true",
    "query, query, true",
    "query, m.layer.0.subquery, false",
    "query, m.query.dense, false",
    "0.query, m.layer.0.query, true",
    "0.query, m.layer.10.query, false",
    "layer, m.layer.0.query, false",
    "m.layer.0.query, m.layer.0.query, true",
    "layer.*query, m.layer.11.query, true",
    "query|value, m.layer.0.value, true",
    "query|value, m.layer.0.subvalue, false",
    "'layer\\.[0-2]\\.query', m.layer.2.query, true",
    "'layer\\.[0-2]\\.query', m.layer.3.query, false",
  })
  void aKeyMatchesTheEndOfANameFromADotOn(String key, String module, boolean matches) {
    assertThat(LoraRanks.matches(key, module)).isEqualTo(matches);
  }

  @Test
  void theFirstKeyThatMatchesCountsAndEveryModuleIsScaledByItsOwnAlphaAndRank() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    ranks.put("0.query", 4);
    ranks.put("query", 1);
    Map<String, Double> alphas = Map.of("value", 3.0, "0.query", 12.0);
    assertThat(new LoraRanks(2, 8, LoraRanks.Divisor.RANK, ranks, alphas).of(MODULES))
        .containsExactly(new LoraRank(4, 3), new LoraRank(2, 1.5), new LoraRank(1, 8));
    assertThat(new LoraRanks(2, 8, LoraRanks.Divisor.ROOT_OF_RANK, ranks, alphas).of(MODULES))
        .containsExactly(new LoraRank(4, 6), new LoraRank(2, 3 / Math.sqrt(2)), new LoraRank(1, 8));
  }

  @Test
  void badNumbersAndExpressionsNameTheirKey() {
    assertThatThrownBy(() -> ranks(Map.of("query", 0), Map.of()))
        .hasMessage("rank_pattern.query must be > 0, got 0");
    assertThatThrownBy(() -> ranks(Map.of(), Map.of("query", -1.0)))
        .hasMessage("alpha_pattern.query must be > 0, got -1.0");
    assertThatThrownBy(() -> ranks(Map.of("a(", 2), Map.of()))
        .hasMessageContaining("rank_pattern.a( must be a regular expression");
  }

  private static LoraRanks ranks(Map<String, Integer> rank, Map<String, Double> alpha) {
    return new LoraRanks(2, 8, LoraRanks.Divisor.RANK, rank, alpha);
  }

  private static PeftConfig config(LoraRanks ranks) {
    return new PeftConfig(
        ranks, List.of("query", "value"), new PeftConfig.Origin("SEQ_CLS", "base", List.of()));
  }

  private static AdapterSet random(AdapterLayout layout) {
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RandomKey.root(4).gaussian(i);
    }
    return AdapterSet.of(layout, values);
  }

  private static AdapterSet zero(AdapterLayout layout) {
    return AdapterSet.of(layout, new float[layout.size()]);
  }

  @Test
  void anAdapterOfSeveralRanksIsReadBackBitByBit() {
    PeftConfig config = config(ranks(Map.of("value", 3), Map.of("1.query", 5.0)));
    AdapterLayout layout = config.layout(MODULES, List.of());
    PeftAdapter.write(dir, random(layout), config);
    PeftConfig read = PeftConfig.read(dir);
    assertThat(read).isEqualTo(config);
    assertThat(PeftAdapter.read(dir, zero(read.layout(MODULES, List.of()))))
        .isEqualTo(random(layout));
    AdapterLayout other = config(ranks(Map.of("query", 3), Map.of())).layout(MODULES, List.of());
    assertThatThrownBy(() -> PeftAdapter.read(dir, zero(other)))
        .hasMessageContaining("r or rank_pattern of m.layer.0.query must equal")
        .hasMessageEndingWith("= 3, found 2");
    AdapterLayout scaled = config(ranks(Map.of("value", 3), Map.of())).layout(MODULES, List.of());
    assertThatThrownBy(() -> PeftAdapter.read(dir, zero(scaled)))
        .hasMessageContaining("the scaling of m.layer.1.query must equal");
  }

  @Test
  void theFilesOrderOfKeysIsKept() throws IOException {
    Files.writeString(
        dir.resolve(PeftConfig.FILE),
        """
        {"r": 2, "lora_alpha": 8, "target_modules": ["query"],
         "rank_pattern": {"z.query|0.query": 4, "query": 1, "not.there": 9}}
        """);
    assertThat(PeftConfig.read(dir).ranks().of(MODULES).stream().map(LoraRank::rank))
        .containsExactly(4, 2, 1);
    Files.writeString(
        dir.resolve(PeftConfig.FILE),
        """
        {"r": 2, "lora_alpha": 8, "target_modules": [], "rank_pattern": {"query": 1.5}}
        """);
    assertThatThrownBy(() -> PeftConfig.read(dir))
        .hasMessageEndingWith(
            PeftConfig.FILE + ": rank_pattern.query must be a whole number, found 1.5");
  }

  /** What rounds have folded into the weights makes every module's rank its own. */
  @Test
  void aFoldedAdapterIsWrittenWithPatternsThatGiveItsRanksAndScales() {
    for (LoraRanks.Divisor divisor : LoraRanks.Divisor.values()) {
      LoraRanks ranks = new LoraRanks(2, 8, divisor, Map.of("value", 3), Map.of("1.query", 5.0));
      AdapterSet start = random(config(ranks).layout(MODULES, List.of()));
      AdapterSet folded = start.withBase(BaseUpdate.NONE.plus(start.factors()));
      Path folder = dir.resolve(divisor.name());
      PeftAdapter.write(folder, folded, config(ranks));
      PeftConfig read = PeftConfig.read(folder);
      AdapterLayout layout = read.layout(MODULES, List.of());
      AdapterSet back = PeftAdapter.read(folder, zero(layout));
      assertThat(layout.ranks().stream().map(LoraRank::rank)).containsExactly(4, 4, 4);
      for (int m = 0; m < MODULES.size(); m++) {
        assertThat(layout.scaling(m)).isCloseTo(start.layout().scaling(m), Offset.offset(1e-12));
        Matrix twice = start.factors().get(m).product().scaled(2);
        assertThat(back.factors().get(m).product().minus(twice).norm()).isLessThan(1e-5);
      }
    }
  }
}
