package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.lorica.testing.RunResult;
import org.lorica.testing.TinyScenario;

/**
 * A learning rate with which every client diverges that draws a record, and few that do: those
 * whose batch is empty stay sound.
 */
class FaultsIT {
  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private Path train(String out, String... more) throws IOException {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "privacy.mode=none",
                "privacy.sampling-probability=0.02",
                "federation.local-steps=1",
                "optimizer.learning-rate=1e30",
                "out=" + dir.resolve(out)));
    settings.addAll(List.of(more));
    List<String> arguments = scenario.arguments("train", settings.toArray(String[]::new));
    assertThat(Main.execute(arguments.toArray(String[]::new))).isZero();
    return RunResult.only(dir.resolve(out));
  }

  @Test
  void whoDropsOutIsNamedInTheRunFolderAndTheSameOnEveryEngine() throws IOException {
    Path run = train("local", "federation.engine=local");
    Set<Integer> named = new TreeSet<>();
    int drops = 0;
    for (String line : Files.readAllLines(run.resolve("rounds.jsonl"))) {
      JsonNode round = new ObjectMapper().readTree(line);
      assertThat(round.get("clients").asInt()).isEqualTo(7);
      assertThat(round.at("/faults/status").asText()).isEqualTo("aggregated");
      assertThat(round.get("privateFields").toString()).contains("faults");
      for (JsonNode dropped : round.at("/faults/dropped")) {
        drops++;
        named.add(dropped.get("client").asInt());
        assertThat(dropped.get("reason").asText()).contains("lower optimizer.learning-rate");
      }
    }
    assertThat(drops).isPositive();
    assertThat(run.resolve("summary.txt"))
        .content()
        .contains("Dropped out " + drops + " times: client")
        .contains(String.join(", ", named.stream().map(String::valueOf).toList()));
    JsonNode privacy = new ObjectMapper().readTree(run.resolve("privacy.json").toFile());
    assertThat(privacy.at("/mechanism/participations/max").asInt()).isEqualTo(4);
    train("spark", "federation.engine=spark", "federation.partitions=3");
    assertThat(RunResult.of(dir.resolve("spark"))).isEqualTo(RunResult.of(dir.resolve("local")));
  }

  @Test
  void voidRoundsAreSaid() throws IOException {
    Path run = train("void", "federation.engine=local", "federation.min-clients=7");
    String rounds = Files.readString(run.resolve("rounds.jsonl"));
    int voids = rounds.split("\"status\":\"void\"", -1).length - 1;
    assertThat(voids).isPositive();
    assertThat(run.resolve("summary.txt")).content().contains("Void: " + voids + " of 4 rounds");
  }

  @Test
  void aPrivateRunSaysThatAFailureIsNotHiddenFromTheServer() throws IOException {
    List<String> arguments = scenario.arguments("train", "federation.engine=local");
    assertThat(Main.execute(arguments.toArray(String[]::new))).isZero();
    Path run = RunResult.only(dir.resolve("runs"));
    assertThat(run.resolve("privacy.json")).content().contains("training failed is seen by the");
    assertThat(run.resolve("summary.txt"))
        .content()
        .doesNotContain("Dropped")
        .doesNotContain("Void");
  }
}
