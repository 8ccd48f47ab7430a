package org.lorica.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigLoaderTest {
  @TempDir Path folder;

  /** Grids over scenarios are loaded by tests of their own commands. */
  static Stream<Path> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("conf"))) {
      return files
          .filter(f -> f.getFileName().toString().matches("(?!(sweep|compare)-).*[.]conf"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void everyScenarioLoadsAndItsResolvedTextGivesTheSameRun(Path scenario) {
    List<String> overrides = new ArrayList<>(List.of("model.path=some/model"));
    if (!List.of("quickstart.conf", "scale.conf").contains(scenario.getFileName().toString())) {
      overrides.add("data.train=some/file");
    }
    LoadedConfig loaded = ConfigLoader.load(scenario, overrides);
    assertThat(ConfigLoader.parse(loaded.resolvedHocon())).isEqualTo(loaded.run());
  }

  @Test
  void quickstartNeedsNoPathFromTheUser() {
    RunConfig run = ConfigLoader.load(Path.of("conf/quickstart.conf"), List.of()).run();
    assertThat(run.general().name()).isEqualTo("quickstart");
    assertThat(run.clients().skew().dirichletAlpha()).isEqualTo(0.5);
    assertThat(run.privacy().guarantee().epsilon()).hasValue(8);
    assertThat(run.privacy().guarantee().delta()).isEqualTo(1e-5);
  }

  @Test
  void commandLineBeatsScenarioBeatsReference() {
    RunConfig run =
        load("lorica { federation { rounds = 7, local-steps = 3 } }", "federation.rounds=9");
    assertThat(run.federation().rounds()).isEqualTo(9);
    assertThat(run.federation().localSteps()).isEqualTo(3);
    assertThat(run.federation().clientsPerRound()).isEqualTo(8);
  }

  @Test
  void overridesAreGivenWithOrWithoutTheRootAndTheLastWins() {
    RunConfig run = load("", "lora.rank=2", "lorica.lora.rank=4");
    assertThat(run.lora().rank()).isEqualTo(4);
  }

  /** Taken for a path, {@code hdfs:///runs} made a folder "hdfs:" where the driver stood. */
  @Test
  void anAddressIsRefusedWhereAFolderIsMeant() {
    assertThatThrownBy(() -> load("", "out=hdfs:///runs"))
        .hasMessageContaining("lorica.out must be a folder of the driver's own file system")
        .hasMessageContaining("got hdfs:///runs");
    assertThatThrownBy(() -> load("", "model.path=s3a://bucket/model"))
        .hasMessageContaining("lorica.model.path must be a path of every node's own file system");
    assertThat(load("", "model.path=hf://org/name").model().path()).isEqualTo("hf://org/name");
    assertThatThrownBy(() -> new SweepConfig.Target("s", Path.of("hdfs:///x"), Optional.empty()))
        .hasMessageContaining("sweep.out must be a folder");
    assertThatThrownBy(() -> new CompareConfig.Target("c", Path.of("hdfs:///x")))
        .hasMessageContaining("compare.out must be a folder");
  }

  @Test
  void overridesNeedNoQuotesForAddressesAndLists() {
    RunConfig run = load("", "adapter.init=s3://bucket/a b?c", "data.languages=da, sv");
    assertThat(run.lora().init()).contains("s3://bucket/a b?c");
    assertThat(run.data().languages()).containsExactly("da", "sv");
    assertThat(load("", "data.languages=[de]").data().languages()).containsExactly("de");
  }

  @Test
  void anOverrideMayBeASectionOfFreeNames() {
    RunConfig run =
        load("", "lora.rank-pattern={value = 4, \"layer.0.attention.self.query\" = 16}");
    assertThat(run.lora().patterns().rank())
        .isEqualTo(Map.of("value", 4, "layer.0.attention.self.query", 16));
    assertThat(load("", "privacy={epsilon=3, delta=1e-6}").privacy().guarantee().delta())
        .isEqualTo(1e-6);
    assertThatThrownBy(() -> load("", "privacy={epsilon=3"))
        .hasMessageStartingWith("--set: lorica.privacy: cannot read value {epsilon=3");
  }

  @Test
  void poissonCohortsMayBeAsLargeAsThePopulation() {
    String poisson = "federation.participation=poisson";
    assertThat(load("", poisson, "federation.min-clients=40").federation().minClients())
        .isEqualTo(40);
    assertThatThrownBy(() -> load("", poisson, "federation.min-clients=41"))
        .hasMessageContaining("min-clients must be <= 40");
  }

  @Test
  void systemPropertiesDoNotLeakIn() {
    System.setProperty("lorica.lora.rank", "3");
    try {
      assertThat(load("").lora().rank()).isEqualTo(8);
      assertThatThrownBy(() -> load("lorica.name = ${user.name}"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("user.name");
    } finally {
      System.clearProperty("lorica.lora.rank");
    }
  }

  @Test
  void unknownKeyNamesFileLineAndTheNearestKey() {
    assertThatThrownBy(() -> load("lorica {\n  federation {\n    round = 3\n  }\n}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            file()
                + ": line 3: unknown key lorica.federation.round;"
                + " did you mean lorica.federation.rounds?");
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource({
    "lora.rnak, lorica.lora.rank",
    "lora.learning-rate, lorica.optimizer.learning-rate",
    "privcy.mode, lorica.privacy",
    "federtion, lorica.federation",
  })
  void unknownOverrideNamesTheNearestKey(String unknown, String nearest) {
    assertThatThrownBy(() -> load("", unknown + "=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--set: unknown key lorica.")
        .hasMessageEndingWith("did you mean " + nearest + "?");
  }

  @Test
  void aFileForAnotherCommandIsRecognised() {
    assertThatThrownBy(() -> load("sweep { name = a }"))
        .hasMessage(
            file() + ": line 1: expected a scenario, lorica { … }, found a file for lorica sweep");
  }

  @Test
  void aForgottenRootIsSuggested() {
    assertThatThrownBy(() -> load("federation.rounds = 3"))
        .hasMessageContaining("unknown key federation; did you mean lorica.federation?");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "lora.rank=0 | lorica.lora.rank must be > 0, got 0",
        "lora.rank=2.5 | lorica.lora.rank must be a whole number, got 2.5",
        "lora.rank=many | lorica.lora.rank must be a whole number, got \"many\"",
        "lora.rank=null | lorica.lora.rank must be set, got null",
        "lora.alpha=NaN | lorica.lora.alpha must be a number, got \"NaN\"",
        "lora=3 | lorica.lora must be a section { … }, got 3",
        "privacy.delta=1 | lorica.privacy.delta must be in (0, 1), got 1.0",
        "privacy.noise-multiplier=-0.3 | noise-multiplier must be >= 0 and finite, got -0.3",
        "privacy.mode=record | lorica.privacy.mode must be one of dp, none, got \"record\"",
        "optimizer.learning-rate=-1 | learning-rate must be >= 0 and finite, got -1.0",
        "strategy.explore=0.6 | lorica.strategy.explore must be in [0, 0.5], got 0.6",
        "strategy.curvature=loss | curvature must be one of none, structural, private-unsafe",
        "strategy.precondition=maybe | precondition must be true or false, got \"maybe\"",
        "strategy.damping=0 | lorica.strategy.damping must be > 0 and finite, got 0.0",
        "federation.clients-per-round=99 | must be <= lorica.clients.count (40), got 99",
        "data.languages={} | lorica.data.languages must be a list of texts, got \"{}\"",
        "data.train=a.tsv | data.train must be null when lorica.data.source = jdk-locale-names",
        "data.test=a.tsv | data.test must be null when lorica.data.source = jdk-locale-names",
        "federation.min-clients=9 | min-clients must be <= 8, the most clients that a round can have",
        "clients.count=0 | > 0 unless lorica.clients.partitioner = natural, got 0",
      })
  void badValueNamesKeyExpectationAndFinding(String override, String message) {
    if (override.startsWith("data.languages")) {
      assertThatThrownBy(() -> load("lorica.data.languages = \"{}\""))
          .hasMessageContaining(message);
      return;
    }
    assertThatThrownBy(() -> load("", override))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void badValueInAFileNamesFileAndLine() {
    assertThatThrownBy(() -> load("lorica.lora.alpha = 1\nlorica.lora.rank = 0"))
        .hasMessage(file() + ": line 2: lorica.lora.rank must be > 0, got 0");
    assertThatThrownBy(() -> load("\nlorica.lora.rank = [1]"))
        .hasMessage(file() + ": line 2: lorica.lora.rank must be a whole number, got [1]");
  }

  @Test
  void noiseMultiplierReplacesTheEpsilonOfALowerLevelAndViceVersa() {
    PrivacyConfig noise = load("lorica.privacy.noise-multiplier = 1.5").privacy();
    assertThat(noise.guarantee().epsilon()).isEmpty();
    assertThat(noise.noise().multiplier()).hasValue(1.5);
    PrivacyConfig epsilon =
        load("lorica.privacy.noise-multiplier = 1.5", "privacy.epsilon=2").privacy();
    assertThat(epsilon.guarantee().epsilon()).hasValue(2);
    assertThat(epsilon.noise().multiplier()).isEmpty();
  }

  @Test
  void replacedEpsilonStaysUnsetAfterParsingAgain() {
    LoadedConfig loaded =
        ConfigLoader.load(
            write("lorica.privacy.epsilon = 3"),
            List.of(
                "model.path=m", "privacy.noise-multiplier=0", "privacy.sampling-probability=1"));
    assertThat(loaded.run().privacy().guarantee().epsilon()).isEqualTo(OptionalDouble.empty());
    assertThat(ConfigLoader.parse(loaded.resolvedHocon())).isEqualTo(loaded.run());
  }

  @Test
  void bothAtOneLevelOrNeitherIsAnError() {
    assertThatThrownBy(() -> load("lorica.privacy { epsilon = 1, noise-multiplier = 1 }"))
        .hasMessageContaining(file() + ": line 1: lorica.privacy.epsilon and")
        .hasMessageContaining("both set");
    assertThatThrownBy(() -> load("lorica.privacy.epsilon = null"))
        .hasMessageContaining("exactly one must be set, neither is");
  }

  @Test
  void withoutPrivacyNoTargetIsKept() {
    PrivacyConfig privacy = load("lorica.privacy.epsilon = 3", "privacy.mode=none").privacy();
    assertThat(privacy.guarantee().epsilon()).isEmpty();
    assertThat(privacy.noise().multiplier()).isEmpty();
  }

  @Test
  void withSecureNoiseClientsDoNotShareAPass() {
    assertThat(load("", "federation.lanes=2").federation().packing().lanes()).isEqualTo(2);
    assertThatThrownBy(() -> load("", "federation.lanes=2", "noise.mode=secure"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lorica.federation.lanes")
        .hasMessageContaining("noise.mode = secure")
        .hasMessageEndingWith("2");
  }

  @Test
  void unsetLearningRatesFollowTheCommonOne() {
    OptimizerConfig rates =
        load("lorica.optimizer { learning-rate = 0.3, learning-rate-a = 0 }").optimizer();
    assertThat(rates.learningRateA()).isZero();
    assertThat(rates.learningRateB()).isEqualTo(0.3);
    assertThat(rates.learningRateHead()).isEqualTo(0.3);
  }

  @Test
  void substitutionsWithinTheScenarioWork() {
    assertThat(load("lorica.lora { rank = 4, alpha = ${lorica.lora.rank} }").lora().alpha())
        .isEqualTo(4);
  }

  @Test
  void theImageScenarioIsWhole() {
    RunConfig run = ConfigLoader.load(Path.of("conf/cifar10.conf"), List.of()).run();
    assertThat(run.model().imageSize()).contains(96);
    assertThat(run.model().headStart().classes()).contains(10);
    assertThat(run.data().source().images()).isTrue();
    assertThat(run.data().format().labels()).hasSize(10).startsWith("airplane");
  }

  @Test
  void aHeadOfOtherClassesCannotBeTheCheckpoints() {
    assertThatThrownBy(() -> load("lorica.model.classes = 10"))
        .hasMessageContaining("lorica.model.head-init must be random or zero");
    assertThat(load("lorica.model { classes = 10, head-init = zero }").model().headStart().init())
        .isEqualTo(ModelConfig.HeadStart.Init.ZERO);
  }

  @Test
  void aTaskThatItsHeadCannotHaveIsRefused() {
    assertThat(load("lorica.model { task = causal-lm }").model().headStart().task())
        .contains(ModelConfig.HeadStart.Task.CAUSAL_LM);
    assertThat(load("").model().headStart().task()).isEmpty();
    assertThatThrownBy(() -> load("lorica.model { task = causal-lm, head-init = zero }"))
        .hasMessageContaining("lorica.model.head-init must be checkpoint")
        .hasMessageContaining("got zero");
    assertThatThrownBy(
            () -> load("lorica.model { task = regression, head-init = random, classes = 3 }"))
        .hasMessageContaining("lorica.model.classes must be null when")
        .hasMessageContaining("regression");
    assertThatThrownBy(
            () ->
                load(
                    "lorica.model { task = sequence-classification, head-init = random, classes = 1"
                        + " }"))
        .hasMessageContaining("lorica.model.classes must be >= 2");
    assertThatThrownBy(() -> load("lorica.model.task = chess"))
        .hasMessageContaining("sequence-classification, regression, question-answering, causal-lm");
    assertThatThrownBy(() -> load("lorica.model { family = dl4j, head-init = zero }"))
        .hasMessageContaining("lorica.model.family must be auto or transformers")
        .hasMessageContaining("got dl4j");
  }

  @Test
  void requiredPathsSayHowToSetThem() {
    Path scenario = Path.of("conf/shakespeare.conf");
    assertThatThrownBy(() -> ConfigLoader.load(scenario, List.of()))
        .hasMessageContaining("lorica.model.path must be set, for example --set model.path=");
    assertThatThrownBy(() -> ConfigLoader.load(scenario, List.of("model.path=m")))
        .hasMessageContaining("lorica.data.train must be set when lorica.data.source = roles");
  }

  @Test
  void theSentimentScenarioNeedsItsThreePathsAndCutsNoText() {
    Path scenario = Path.of("conf/sst2.conf");
    assertThatThrownBy(() -> ConfigLoader.load(scenario, List.of("model.path=m")))
        .hasMessageContaining("lorica.data.train must be set when lorica.data.source = tsv");
    RunConfig run =
        ConfigLoader.load(scenario, List.of("model.path=m", "data.train=a", "data.test=b")).run();
    assertThat(run.data().test()).contains("b");
    assertThat(run.model().maxLength()).isGreaterThanOrEqualTo(168); // the longest of SST-2
  }

  @Test
  void missingFileBrokenSyntaxAndBrokenOverrideAreOneClearLine() {
    assertThatThrownBy(() -> ConfigLoader.load(folder.resolve("none.conf"), List.of()))
        .hasMessage(folder.resolve("none.conf") + ": no such scenario file");
    assertThatThrownBy(() -> load("lorica {\n  name = \"a\n}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file() + ": line 2: ")
        .message()
        .doesNotContain("\n");
    assertThatThrownBy(() -> load("", "rank")).hasMessage("--set must be key=value, got rank");
  }

  private RunConfig load(String scenario, String... overrides) {
    List<String> all = new ArrayList<>(List.of("model.path=models/m"));
    all.addAll(List.of(overrides));
    return ConfigLoader.load(write(scenario), all).run();
  }

  private Path write(String scenario) {
    try {
      return Files.writeString(file(), scenario);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Path file() {
    return folder.resolve("scenario.conf");
  }
}
