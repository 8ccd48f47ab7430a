package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.RunConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.strategy.Strategies;
import org.lorica.testing.TinyScenario;

/** A selection that no ε covers is named in every report, and refused where it must not be. */
class UnsafeCurvatureIT {
  private static final String SENTENCE =
      "epsilon does not cover the selection of factors: strategy.curvature = private-unsafe reads"
          + " un-noised losses";

  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private static String[] settings(String curvature, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "strategy.name=aslora",
                "strategy.curvature=" + curvature,
                "strategy.warm-up=0",
                "federation.engine=local"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private Path train(String curvature) throws IOException {
    Path out = dir.resolve(curvature);
    String[] settings = settings(curvature, "out=" + out);
    assertThat(Main.execute(scenario.arguments("train", settings).toArray(String[]::new))).isZero();
    try (Stream<Path> runs = Files.list(out)) {
      return runs.findFirst().orElseThrow();
    }
  }

  private static List<String> notCovered(Path run) throws IOException {
    List<String> sentences = new ArrayList<>();
    new ObjectMapper()
        .readTree(run.resolve("privacy.json").toFile())
        .get("notCovered")
        .forEach(sentence -> sentences.add(sentence.asText()));
    return sentences;
  }

  @Test
  void everyReportOfARunSaysThatTheSelectionIsNotCovered() throws IOException {
    Path unsafe = train("private-unsafe");
    assertThat(notCovered(unsafe)).contains(SENTENCE);
    assertThat(unsafe.resolve("summary.txt")).content().contains("Not covered: " + SENTENCE);
    assertThat(unsafe.resolve("report.html")).content().contains(SENTENCE);

    Path structural = train("structural");
    assertThat(notCovered(structural)).isNotEmpty().doesNotContain(SENTENCE);
    assertThat(structural.resolve("summary.txt")).content().doesNotContain(SENTENCE);
  }

  @Test
  void theExplanationSaysItBeforeTheRun() {
    for (String curvature : List.of("private-unsafe", "structural")) {
      List<String> arguments = new ArrayList<>(List.of("privacy"));
      arguments.addAll(scenario.arguments("explain", settings(curvature)));
      StringWriter out = new StringWriter();
      int code =
          Main.execute(
              new PrintWriter(out), new PrintWriter(out), arguments.toArray(String[]::new));
      assertThat(code).as(out.toString()).isZero();
      assertThat(out.toString().contains(SENTENCE)).isEqualTo(curvature.equals("private-unsafe"));
    }
  }

  private String refusal(String... settings) {
    RunConfig config = scenario.load(settings).run();
    try {
      FederationPrivacy.of(config, 9).requireCovers(Strategies.of(config));
      return "";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  @Test
  void refusedWithSecureNoiseAndWhereNoSingleStepIsNoised() {
    String[][] wheres = {
      {"noise.mode=secure"},
      {"privacy.unit=client"},
      {"privacy.unit=client", "privacy.threat-model=central", "federation.participation=poisson"}
    };
    for (String[] where : wheres) {
      assertThat(refusal(settings("private-unsafe", where)))
          .startsWith("strategy.curvature must be structural or none where ")
          .endsWith("got private-unsafe");
      assertThat(refusal(settings("structural", where))).isEmpty();
    }
    assertThat(refusal(settings("private-unsafe"))).isEmpty();
    assertThat(refusal(settings("private-unsafe", "privacy.mode=none"))).isEmpty();
  }

  @Test
  void refusedWhereNothingIsSelectedByScores() {
    RunConfig config =
        scenario.load(settings("private-unsafe", "strategy.selection=phase-shifted")).run();
    assertThatThrownBy(() -> Strategies.of(config))
        .hasMessageContaining("strategy.selection keeps no scores")
        .hasMessageEndingWith("got private-unsafe");
  }
}
