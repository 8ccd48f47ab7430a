package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Turnout;
import org.lorica.federation.Workbench;
import org.lorica.testing.RunResult;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/**
 * Some clients hold a text longer than the model's positions: training on it throws. Every record
 * is in every batch, so that who drops out is certain.
 */
class FaultsIT {
  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
    Path train = dir.resolve("bad.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(dir.resolve("data.jsonl")));
    Files.write(dir.resolve("test.jsonl"), lines.subList(0, 20));
    for (int at : new int[] {30, 80}) {
      lines.set(at, "{\"text\":\"abcdefghijklmnopqrstabcdefgh\",\"label\":1}");
    }
    Files.write(train, lines);
  }

  private String[] settings(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.train=" + dir.resolve("bad.jsonl"),
                "data.test=" + dir.resolve("test.jsonl"),
                "model.max-length=64",
                "privacy.sampling-probability=1",
                "federation.clients-per-round=9"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static RunTrace local(LoadedConfig config) {
    return RunTrace.of(config, LocalCohort.pool(Workbench.shared(config.resolvedHocon()), 2));
  }

  private Path train(String... settings) throws IOException {
    Path out = dir.resolve("runs");
    assertThat(Main.execute(scenario.arguments("train", settings).toArray(String[]::new))).isZero();
    return RunResult.only(out);
  }

  @ParameterizedTest(name = "engine = {0}")
  @CsvSource({"local", "spark"})
  void clientsThatFailAreNamedChargedAndReplacedByNoChange(String engine) throws IOException {
    Path run = train(settings("federation.engine=" + engine, "federation.partitions=3"));
    Set<Integer> named = new TreeSet<>();
    for (String line : Files.readAllLines(run.resolve("rounds.jsonl"))) {
      JsonNode round = new ObjectMapper().readTree(line);
      assertThat(round.get("clients").asInt()).isEqualTo(9);
      assertThat(round.at("/faults/status").asText()).isEqualTo("aggregated");
      assertThat(round.get("privateFields").toString()).contains("faults");
      for (JsonNode dropped : round.at("/faults/dropped")) {
        named.add(dropped.get("client").asInt());
        assertThat(dropped.get("reason").asText()).contains("at most 16 tokens");
      }
    }
    assertThat(named).hasSizeBetween(1, 2);
    String clients = String.join(", ", named.stream().map(String::valueOf).toList());
    assertThat(run.resolve("summary.txt"))
        .content()
        .contains("Dropped out " + 4 * named.size() + " times: client")
        .contains(clients);
    JsonNode privacy = new ObjectMapper().readTree(run.resolve("privacy.json").toFile());
    assertThat(privacy.at("/ledger/0/clients").asInt() + privacy.at("/ledger/1/clients").asInt())
        .isGreaterThan(1);
    assertThat(privacy.at("/mechanism/participations/max").asInt()).isEqualTo(4);
    assertThat(privacy.get("notCovered").toString()).contains("training failed");
  }

  /** The twin: with the failing clients' rates at zero nothing of them could move either. */
  @Test
  void theLedgerChargesThemAndTheOthersStillLearn() {
    RunTrace trace = local(scenario.load(settings()));
    assertThat(trace.ledger()).hasSize(9);
    trace.ledger().values().forEach(e -> assertThat(e.participations()).isEqualTo(4));
    RunTrace.Round first = trace.rounds().get(0);
    assertThat(first.turnout().status()).isEqualTo(Turnout.Status.AGGREGATED);
    assertThat(trace.rounds().get(1).server()).isNotEqualTo(first.server());
  }

  @Test
  void aRoundOfTooFewIsVoidAndChargedAndLeavesAdapterAndStrategyAsTheyWere() throws IOException {
    LoadedConfig config =
        scenario.load(settings("federation.min-clients=9", "strategy.name=aslora"));
    RunTrace trace = local(config);
    for (RunTrace.Round round : trace.rounds()) {
      assertThat(round.turnout().status()).isEqualTo(Turnout.Status.VOID);
      assertThat(round.server()).isEqualTo(trace.rounds().get(0).server());
      assertThat(round.bytes().get(0)).isZero();
    }
    RunTrace sound = local(scenario.load(settings("strategy.name=aslora")));
    assertThat(trace.ledger()).isEqualTo(sound.ledger());
    assertThat(trace.rounds().get(3).epsilon()).isEqualTo(sound.rounds().get(3).epsilon());

    Path run = train(settings("federation.min-clients=9", "federation.engine=local"));
    assertThat(run.resolve("summary.txt")).content().contains("Void: 4 of 4 rounds");
    assertThat(run.resolve("rounds.jsonl")).content().contains("\"status\":\"void\"");
  }

  @Test
  void whereNobodyCanTrainTheRunEndsInItsFirstRound() {
    LoadedConfig config = scenario.load(settings("optimizer.learning-rate=1e30"));
    assertThatThrownBy(() -> local(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("training failed for all 9 clients of the first round")
        .hasMessageContaining("client 0:");
  }

  @Test
  void aTrustedServerMayNotVoidRounds() {
    String[] central = {
      "privacy.unit=client", "privacy.threat-model=central", "federation.participation=poisson"
    };
    assertThat(scenario.load(central).run().federation().minClients()).isZero();
    assertThat(scenario.load().run().federation().minClients()).isEqualTo(1);
    List<String> wrong = new ArrayList<>(List.of(central));
    wrong.add("federation.min-clients=2");
    assertThatThrownBy(() -> scenario.load(wrong.toArray(String[]::new)))
        .hasMessageContaining("lorica.federation.min-clients must be 0")
        .hasMessageContaining("got 2");
  }
}
