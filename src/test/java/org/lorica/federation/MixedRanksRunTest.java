package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.config.LoadedConfig;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraRank;
import org.lorica.lora.Role;
import org.lorica.random.RandomKey;
import org.lorica.strategy.Strategies;
import org.lorica.tensor.Matrix;
import org.lorica.testing.RandomClients;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/** Whole runs with {@code lora.rank-pattern} and {@code lora.alpha-pattern}. */
class MixedRanksRunTest {
  private static final String[] MIXED = {
    "lora.rank-pattern.query=1", "lora.alpha-pattern.query=2", "lora.rank=3", "lora.alpha=6"
  };

  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private LoadedConfig load(String strategy, String noiseMultiplier, String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("strategy.name=" + strategy);
    settings.add("federation.engine=local");
    settings.add("privacy.noise-multiplier=" + noiseMultiplier);
    settings.add("privacy.max-grad-norm=0.3");
    return scenario.load(settings.toArray(String[]::new));
  }

  private static ClientPool pool(Workbench workbench) {
    return LocalCohort.pool(workbench, 2, 1);
  }

  private static List<AdapterSet> adapters(LoadedConfig config, AdapterSet start) {
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    List<AdapterSet> rounds = new ArrayList<>();
    new Federation(
            config.run(),
            workbench,
            Strategies.of(config.run()),
            FederationPrivacy.of(config.run(), workbench.population().clients()),
            List.of(result -> rounds.add(result.server().adapter())))
        .run(pool(workbench), start, new Evaluator(workbench, 2));
    return rounds;
  }

  private static AdapterSet start(LoadedConfig config) {
    return Workbench.shared(config.resolvedHocon()).initialAdapter(RandomKey.root(5));
  }

  /** Zero columns in B and zero rows in A: they get no gradient and stay. */
  private static LoraFactors widened(LoraFactors factors, int rank) {
    int more = rank - factors.rank();
    Matrix b = factors.b().besides(Matrix.zeros(factors.b().rows(), more));
    Matrix a = factors.a().transpose().besides(Matrix.zeros(factors.a().cols(), more)).transpose();
    return new LoraFactors(b, a);
  }

  /**
   * A narrow module is a wide one filled up with zeros of the same scale: same gradients, same
   * joint norm to be clipped, same steps, same averages.
   */
  @ParameterizedTest
  @ValueSource(strings = {"fedavg", "ffa", "rolora", "lalora", "fedex"})
  void aRunEqualsThatOfOneRankFilledUpWithZeros(String strategy) {
    LoadedConfig mixed = load(strategy, "0", MIXED);
    LoadedConfig wide = load(strategy, "0", "lora.rank=3", "lora.alpha=6");
    AdapterSet start = start(mixed);
    assertThat(start.layout().ranks()).contains(new LoraRank(1, 2), new LoraRank(3, 2));
    AdapterSet filled =
        start(wide)
            .withFactors(start.factors().stream().map(f -> widened(f, 3)).toList())
            .withTensors(Set.of(Role.HEAD), start.tensors(Set.of(Role.HEAD)));
    List<AdapterSet> found = adapters(mixed, start);
    List<AdapterSet> expected = adapters(wide, filled);
    assertThat(found).hasSameSizeAs(expected).hasSize(4);
    for (int r = 0; r < found.size(); r++) {
      AdapterSet own = found.get(r);
      AdapterSet twin = expected.get(r);
      for (int m = 0; m < own.factors().size(); m++) {
        LoraFactors factors = widened(own.factors().get(m), 3);
        assertThat(factors.b().minus(twin.factors().get(m).b()).norm()).isLessThan(1e-5);
        assertThat(factors.a().minus(twin.factors().get(m).a()).norm()).isLessThan(1e-5);
        if (!own.base().isEmpty()) {
          Matrix folded = own.base().factors().get(m).product();
          Matrix twins = twin.base().factors().get(m).product();
          assertThat(folded.minus(twins).norm()).isLessThan(1e-5);
        }
      }
    }
    AdapterSet last = found.get(3);
    assertThat(RandomClients.relativeError(product(last), product(start))).isGreaterThan(1e-3);
  }

  /** All modules' products beneath each other; the untrained one's head keeps it from being 0. */
  private static Matrix product(AdapterSet adapter) {
    return adapter.tensors(Set.of(Role.HEAD)).get(0);
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
        "aslora",
        "laask"
      })
  void everyStrategyTrainsWithNoiseAndKeepsTheRanks(String strategy) {
    LoadedConfig config = load(strategy, "0.5", MIXED);
    RunTrace trace = RunTrace.of(config, pool(Workbench.shared(config.resolvedHocon())));
    List<LoraRank> ranks = start(config).layout().ranks();
    assertThat(trace.rounds()).hasSize(4);
    for (RunTrace.Round round : trace.rounds()) {
      assertThat(round.server().adapter().layout().ranks()).isEqualTo(ranks);
      assertThat(round.server().adapter().isBelow(1e6)).isTrue();
    }
    if (strategy.equals("fedavg")) {
      int size = start(config).layout().size();
      assertThat(trace.rounds().get(0).bytes())
          .containsExactly(4L * size, 4L * size) /* of a client */;
    }
  }

  @Test
  void keysThatFitNothingOrDoNotAgreeAreNamed() {
    refused("lora.rank-pattern.foo=2", "lora.rank-pattern: no adapted module's name", "\"foo\"");
    refused("lora.alpha-pattern.foo=2", "lora.alpha-pattern: no adapted module's name", "\"foo\"");
    refused("lora.rank-pattern.query=9", "lora.rank-pattern must be <= 8", "query", "got 9");
    refused("lora.rank-pattern.query=0", "lora.rank-pattern.query must be > 0, got 0");
    refused("lora.rank-pattern.query=x", "lora.rank-pattern.query must be a whole number");
    refused("lora.rank-pattern=2", "lora.rank-pattern must be a section");
    refused("lora.rank-pattern.\"(q\"=2", "regular expressions as keys", "\"(q\"");
    LoadedConfig two =
        load("fedavg", "0", "lora.rank-pattern.query=2", "lora.rank-pattern.\"0.*query\"=1");
    assertThatThrownBy(() -> Workbench.shared(two.resolvedHocon()))
        .hasMessage(
            "lora.rank-pattern: expected one number for"
                + " bert.encoder.layer.0.attention.self.query, found those of [0.*query, query]");
  }

  private void refused(String setting, String... parts) {
    assertThatThrownBy(() -> Workbench.shared(load("fedavg", "0", setting).resolvedHocon()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void aFullNameNeedsNoQuotes() {
    LoadedConfig config =
        load(
            "fedavg",
            "0",
            "lora.rank-pattern.bert.encoder.layer.0.attention.self.query=4",
            "lora.rank-pattern.\"1.*value\"=1");
    assertThat(Workbench.shared(config.resolvedHocon()).layout().ranks().stream())
        .extracting(LoraRank::rank)
        .containsExactly(4, 2, 2, 1);
  }
}
