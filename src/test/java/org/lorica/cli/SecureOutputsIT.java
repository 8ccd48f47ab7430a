package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.StoredRun;
import org.lorica.testing.TinyScenario;

/** What a run with secure noise must keep to itself. */
class SecureOutputsIT {
  @TempDir private Path dir;

  private Path train(String... more) throws IOException {
    TinyScenario scenario = TinyScenario.in(dir);
    List<String> settings =
        Stream.concat(
                Stream.of(
                    "noise.mode=secure",
                    "federation.engine=local",
                    "federation.participation=poisson"),
                Stream.of(more))
            .toList();
    List<String> arguments = scenario.arguments("train", settings.toArray(String[]::new));
    assertThat(Main.execute(arguments.toArray(String[]::new))).isZero();
    try (Stream<Path> runs = Files.list(dir.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }

  @Test
  void noTrainingLossIsWrittenAndCohortsAreMarkedPrivate() throws IOException {
    Path run = train();
    for (JsonNode round : StoredRun.read(run).rounds()) {
      assertThat(round.at("/quality/trainLoss").isNumber()).isFalse();
      assertThat(round.at("/quality/testLoss").isNumber()).isTrue();
      assertThat(round.path("privateFields").toString()).contains("clients", "faults");
    }
    assertThat(run.resolve("clients.parquet")).exists(); // the server knows who came
    assertThat(run.resolve("noise.key")).doesNotExist();
  }

  @Test
  void aTrustedServersFilesDoNotTellWhoTookPart() throws IOException {
    Path run = train("privacy.unit=client", "privacy.threat-model=central");
    assertThat(StoredRun.read(run).tellsCohorts()).isFalse();
    assertThat(run.resolve("clients.parquet")).doesNotExist();
    assertThat(run.resolve("rounds.parquet")).exists();
    assertThat(StoredRun.read(run).extras().privacy().path("ledger")).hasSize(1);
  }
}
