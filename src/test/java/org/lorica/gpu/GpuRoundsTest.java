package org.lorica.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/**
 * One DP round of every strategy on a card beside the CPU's: the same batches and the same noise,
 * so the adapters' products agree up to rounding. Later rounds cannot be compared so: the key of
 * their noise holds the adapter's bits.
 */
@Tag("gpu")
class GpuRoundsTest {
  private static final double TOLERANCE = 1e-3;

  @TempDir static Path dir;
  private static TinyScenario scenario;

  @BeforeAll
  static void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  @BeforeEach
  void card() {
    Card.kernels();
  }

  private static RunTrace.Round round(String... settings) {
    LoadedConfig config = scenario.load(settings);
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    return RunTrace.of(config, LocalCohort.pool(workbench, 2)).rounds().get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fedavg",
        "ffa",
        "rolora",
        "flexlora",
        "flora",
        "fedex",
        "fedsvd",
        "fedask",
        "lalora",
        "laask",
        "aslora"
      })
  void aRoundOfEveryStrategyIsTheCpusUpToRounding(String strategy) {
    String name = "strategy.name=" + strategy;
    RunTrace.Round cpu = round(name, "device=cpu", "federation.rounds=1");
    RunTrace.Round card = round(name, "device=cuda", "federation.rounds=1");
    assertThat(card.epsilon()).isEqualTo(cpu.epsilon());
    assertThat(card.stats().examples()).isEqualTo(cpu.stats().examples());
    AdapterSet expected = cpu.server().adapter();
    AdapterSet found = card.server().adapter();
    for (int m = 0; m < expected.factors().size(); m++) {
      Matrix twin = expected.factors().get(m).b().times(expected.factors().get(m).a());
      Matrix product = found.factors().get(m).b().times(found.factors().get(m).a());
      assertThat(product.minus(twin).norm())
          .as("module %d", m)
          .isLessThanOrEqualTo(TOLERANCE * twin.norm() + 1e-6);
    }
    double loss = cpu.evaluation().orElseThrow().loss();
    assertThat(card.evaluation().orElseThrow().loss()).isCloseTo(loss, within(TOLERANCE));
  }

  @Test
  void aRunOnACardTwiceGivesTheSameBits() {
    RunTrace.Round once = round("device=cuda", "federation.rounds=1", "name=once");
    RunTrace.Round twice = round("device=cuda", "federation.rounds=1", "name=twice");
    assertThat(twice.server().adapter()).isEqualTo(once.server().adapter());
  }
}
