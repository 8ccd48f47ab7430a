package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  private static final Instant START = Instant.parse("2024-02-03T04:05:06Z");
  private static final Clock CLOCK = Clock.fixed(START, ZoneOffset.UTC);

  @TempDir Path parent;
  private RunFolder run;

  @BeforeEach
  void create() {
    run = RunFolder.create(parent.resolve("runs"), "quick", CLOCK);
  }

  @Test
  void isMarkedIncompleteUntilCompleted() {
    assertThat(run.path()).isDirectory().hasFileName("quick-20240203-040506.incomplete");
    assertThat(run.finalPath()).doesNotExist();
    run.writeSummary("done");
    Path complete = run.complete();
    assertThat(complete).isDirectory().hasFileName("quick-20240203-040506");
    assertThat(complete.resolve("summary.txt")).hasContent("done\n");
    assertThat(run.path()).isEqualTo(complete);
    assertThat(parent.resolve("runs/quick-20240203-040506.incomplete")).doesNotExist();
  }

  @Test
  void cannotBeCompletedWithoutSummaryNorTwice() {
    assertThatThrownBy(run::complete)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without summary.txt");
    run.writeSummary("done");
    run.complete();
    assertThatThrownBy(run::complete).hasMessageContaining("completed already");
  }

  @Test
  void refusesAnExistingTargetAtTheStartAndAtTheEnd() throws IOException {
    assertThatThrownBy(() -> RunFolder.create(parent.resolve("runs"), "quick", CLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists already");
    Files.createDirectory(run.finalPath());
    run.writeSummary("done");
    assertThatThrownBy(run::complete).hasMessageContaining("exists already");
    assertThat(run.path()).isDirectory();
    assertThatThrownBy(() -> RunFolder.create(parent.resolve("runs"), "quick", CLOCK))
        .hasMessageContaining("quick-20240203-040506: exists already");
  }

  @Test
  void roundsAreReadableJsonLinesAsSoonAsTheyAreAppended() throws IOException {
    run.append(Samples.round(1, 30));
    run.append(Samples.round(2, 30));
    List<String> lines = Files.readAllLines(run.path().resolve("rounds.jsonl"));
    assertThat(lines).hasSize(2);
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertThat(second.get("round").asInt()).isEqualTo(2);
    assertThat(second.get("epsilon").asDouble()).isEqualTo(2.1);
    assertThat(second.at("/quality/testLoss").asDouble()).isEqualTo(2.312);
    assertThat(second.at("/traffic/bytesUpPerClient").asLong()).isEqualTo(4096);
    assertThat(second.at("/seconds/train").asDouble()).isEqualTo(1.25);
    assertThat(second.at("/privateFields/0").asText()).isEqualTo("quality.trainLoss");
  }

  @Test
  void unsetAndNonFiniteNumbersAreNull() throws IOException {
    RoundRecord diverged =
        new RoundRecord(
            1,
            1,
            new RoundRecord.Quality(
                OptionalDouble.empty(),
                OptionalDouble.of(Double.NaN),
                "accuracy",
                OptionalDouble.empty()),
            OptionalDouble.empty(),
            0,
            RoundRecord.Faults.NONE,
            new RoundRecord.Traffic(0, 0),
            Map.of("train", Double.POSITIVE_INFINITY),
            List.of());
    run.append(diverged);
    JsonNode json = json("rounds.jsonl");
    assertThat(json.get("epsilon").isNull()).isTrue();
    assertThat(json.at("/quality/testLoss").isNull()).isTrue();
    assertThat(json.at("/quality/trainLoss").isNull()).isTrue();
    assertThat(json.at("/seconds/train").isNull()).isTrue();
  }

  @Test
  void manifestHoldsConfigurationAsATreeAndIsReplacedWhole() throws IOException {
    Manifest manifest =
        Manifest.started(
            START,
            42,
            List.of("train", "conf/quickstart.conf"),
            Map.of("spark", "4.1.0"),
            "{\"lorica\":{\"lora\":{\"rank\":8}}}");
    run.writeManifest(manifest);
    assertThat(json("manifest.json").get("status").asText()).isEqualTo("RUNNING");
    run.writeManifest(manifest.with(Manifest.Status.COMPLETE));
    JsonNode json = json("manifest.json");
    assertThat(json.get("status").asText()).isEqualTo("COMPLETE");
    assertThat(json.at("/configuration/lorica/lora/rank").asInt()).isEqualTo(8);
    assertThat(json.get("startTime").asText()).isEqualTo("2024-02-03T04:05:06Z");
    assertThat(json.at("/versions/lorica").asText()).isEqualTo("dev");
    assertThat(json.at("/versions/spark").asText()).isEqualTo("4.1.0");
    assertThat(json.at("/versions/java").asText()).startsWith("17");
    assertThat(json.at("/commandLine/1").asText()).isEqualTo("conf/quickstart.conf");
    try (Stream<Path> files = Files.list(run.path())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(".lock", "manifest.json");
    }
  }

  @Test
  void privacyStatementSaysThatASimulationGuaranteesNothing() throws IOException {
    run.writePrivacy(Samples.privacy(OptionalDouble.of(7.9)));
    JsonNode json = json("privacy.json");
    assertThat(json.at("/claim/formalGuarantee").asText()).isEqualTo("none, the seed is known");
    assertThat(json.at("/epsilon/pld").asDouble()).isEqualTo(7.9);
    assertThat(json.at("/epsilon/delta").asDouble()).isEqualTo(1e-5);
    assertThat(json.at("/mechanism/noiseMultiplier/max").asDouble()).isEqualTo(1.2);
    assertThat(json.at("/mechanism/participations/cap").asInt()).isEqualTo(30);
    assertThat(json.get("notCovered")).hasSize(1);
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(run.path().resolve(name).toFile());
  }
}
