package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.ClientPool;
import org.lorica.federation.Evaluator;
import org.lorica.federation.Federation;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Participant;
import org.lorica.federation.StrategyState;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.strategy.Strategies;
import org.lorica.testing.TinyModels;

/**
 * Spark is the local cohort's twin: the same configuration gives the same bits, whatever the
 * partitions.
 */
class SparkCohortIT {
  @TempDir private Path dir;

  private LoadedConfig config(String strategy, String mode, int partitions, String... more)
      throws IOException {
    Path model = dir.resolve("model");
    if (!Files.exists(model)) {
      TinyModels.bert(Files.createDirectory(model), 11);
      TinyTokenizer.write(model);
    }
    Path scenario = dir.resolve("tiny.conf");
    Files.writeString(scenario, "lorica.name = tiny\n");
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "model.path=" + model,
                "model.max-length=16",
                "model.head=trained",
                "lora.rank=2",
                "data.source=jsonl",
                "data.train=" + data(),
                "data.test-fraction=0.2",
                "clients.count=9",
                "clients.partitioner=iid",
                "federation.rounds=3",
                "federation.clients-per-round=7",
                "federation.local-steps=2",
                "federation.partitions=" + partitions,
                "strategy.name=" + strategy,
                "privacy.mode=" + mode,
                "privacy.expected-batch-size=4"));
    overrides.addAll(List.of(more));
    return ConfigLoader.load(scenario, overrides);
  }

  private Path data() throws IOException {
    Path file = dir.resolve("data.jsonl");
    if (!Files.exists(file)) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        String text = "abcdefgh".substring(i % 5, i % 5 + 1 + i % 3) + "ghijk".substring(i % 4);
        lines.add("{\"text\":\"" + text + "\",\"label\":" + i % 3 + "}");
      }
      Files.write(file, lines);
    }
    return file;
  }

  private static AdapterSet run(LoadedConfig config, Workbench workbench, ClientPool pool) {
    FederationPrivacy privacy =
        FederationPrivacy.of(config.run(), workbench.population().clients());
    Federation federation =
        new Federation(config.run(), workbench, Strategies.of(config.run()), privacy, List.of());
    return federation.run(
        pool, workbench.initialAdapter(RandomKey.root(42)), new Evaluator(workbench, 2));
  }

  private AdapterSet local(LoadedConfig config, int threads) {
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    return run(config, workbench, LocalCohort.pool(workbench, threads));
  }

  private AdapterSet onSpark(LoadedConfig config, String master) {
    SparkConf conf = new SparkConf().setMaster(master).setAppName("spark-cohort-it");
    conf.set("spark.ui.enabled", "false");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      return run(
          config, Workbench.shared(config.resolvedHocon()), SparkCohort.pool(context, config));
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "fedask",
        "fedavg",
        "ffa",
        "rolora",
        "flexlora",
        "fedsvd",
        "lalora",
        "laask",
        "aslora",
        "flora",
        "fedex"
      })
  void localCohortAndSparkGiveTheSameBitsForAnyPartitioning(String strategy) throws IOException {
    AdapterSet expected = local(config(strategy, "dp", 1), 1);
    assertThat(local(config(strategy, "dp", 1), 4)).isEqualTo(expected);
    assertThat(onSpark(config(strategy, "dp", 1), "local[1]")).isEqualTo(expected);
    for (int partitions : new int[] {1, 2, 7}) {
      assertThat(onSpark(config(strategy, "dp", partitions), "local[4]"))
          .as("%d partitions", partitions)
          .isEqualTo(expected);
    }
  }

  /** Groups are cut from the cohort, not from partitions: 7 clients in lanes of 3 are 3 groups. */
  @Test
  void lanesGiveTheSameBitsForAnyPartitioningAndTheSameResultUpToRounding() throws IOException {
    LoadedConfig config = config("fedavg", "dp", 1, "federation.lanes=3");
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    AdapterSet expected = run(config, workbench, LocalCohort.pool(workbench, 2, 3));
    for (int partitions : new int[] {1, 2, 7}) {
      assertThat(onSpark(config("fedavg", "dp", partitions, "federation.lanes=3"), "local[4]"))
          .as("%d partitions", partitions)
          .isEqualTo(expected);
    }
    // Noise keys hold the adapter's digest: after one round of other bits it is other noise.
    LoadedConfig once = config("fedavg", "dp", 1, "federation.lanes=3", "federation.rounds=1");
    Workbench first = Workbench.shared(once.resolvedHocon());
    AdapterSet lanes = run(once, first, LocalCohort.pool(first, 2, 3));
    AdapterSet alone = run(once, first, LocalCohort.pool(first, 2));
    assertThat(lanes.toArray()).containsExactly(alone.toArray(), within(1e-5f));
  }

  @Test
  void theSameHoldsWithoutPrivacyAndTrainingChangesTheAdapter() throws IOException {
    LoadedConfig config = config("fedask", "none", 3);
    AdapterSet expected = local(config, 2);
    assertThat(onSpark(config, "local[2]")).isEqualTo(expected);
    AdapterSet start = Workbench.shared(config.resolvedHocon()).initialAdapter(RandomKey.root(42));
    assertThat(expected).isNotEqualTo(start);
    assertThat(local(config("fedask", "dp", 3), 2)).isNotEqualTo(expected);
  }

  /** AS-LoRA's modes follow scores of clients; a retry repeats them and a retry's order is free. */
  @Test
  void retriedAndReorderedClientsChangeNoMode() throws IOException {
    LoadedConfig config =
        config(
            "aslora",
            "dp",
            3,
            "strategy.score=gradient",
            "strategy.warm-up=0",
            "federation.rounds=6");
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    ClientPool inner = LocalCohort.pool(workbench, 2);
    ClientPool retrying =
        (task, participants) -> {
          inner.train(task, participants).close(); // lost
          List<Participant> reversed = new ArrayList<>(participants);
          Collections.reverse(reversed);
          return inner.train(task, reversed);
        };
    List<StrategyState> once = states(config, workbench, inner);
    assertThat(once).hasSize(6).doesNotHaveDuplicates();
    assertThat(states(config, workbench, retrying)).isEqualTo(once);
  }

  private static List<StrategyState> states(
      LoadedConfig config, Workbench workbench, ClientPool pool) {
    List<StrategyState> states = new ArrayList<>();
    FederationPrivacy privacy =
        FederationPrivacy.of(config.run(), workbench.population().clients());
    new Federation(
            config.run(),
            workbench,
            Strategies.of(config.run()),
            privacy,
            List.of(result -> states.add(result.server().strategy())))
        .run(pool, workbench.initialAdapter(RandomKey.root(42)), new Evaluator(workbench, 2));
    return states;
  }

  @ParameterizedTest(name = "unit = {0}, threat model = {1}")
  @CsvSource({"record, server", "client, server", "client, central"})
  void poissonCohortsEmptyOnesTooGiveTheSameBits(String unit, String threatModel)
      throws IOException {
    LoadedConfig config =
        config(
            "fedask",
            "dp",
            2,
            "federation.participation=poisson",
            "federation.clients-per-round=1", // empty with probability 0.35
            "federation.rounds=8",
            "privacy.unit=" + unit,
            "privacy.threat-model=" + threatModel);
    AdapterSet expected = local(config, 1);
    assertThat(onSpark(config, "local[2]")).isEqualTo(expected);
  }

  @Test
  void secureNoiseRunsOnSparkAndNoTwoRunsAreAlike() throws IOException {
    LoadedConfig config = config("ffa", "dp", 3, "noise.mode=secure");
    AdapterSet first = onSpark(config, "local[2]");
    assertThat(onSpark(config, "local[2]")).isNotEqualTo(first);
  }
}
