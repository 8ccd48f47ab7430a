package org.lorica.spark;

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
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/** What a run looks like to Spark: names, plugin, limits. */
class SparkRunIT {
  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private static SparkConf conf() {
    return new SparkConf()
        .setMaster("local[2]")
        .setAppName("spark-run-it")
        .set("spark.ui.enabled", "false");
  }

  private List<JsonNode> events(LoadedConfig config) throws IOException {
    Path log = Files.createDirectories(dir.resolve("events"));
    SparkConf conf =
        conf()
            .set("spark.eventLog.enabled", "true")
            .set("spark.eventLog.rolling.enabled", "false")
            .set("spark.eventLog.compress", "false")
            .set("spark.eventLog.dir", log.toUri().toString());
    LoricaPlugin.installInPlace(conf, config);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      RunTrace.of(config, SparkCohort.pool(context, config));
      assertThat(context.getLocalProperty("spark.jobGroup.id")).isNull();
    }
    List<JsonNode> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(log)) {
      Path file = files.filter(f -> !f.toString().endsWith(".crc")).findFirst().orElseThrow();
      for (String line : Files.readAllLines(file)) {
        events.add(new ObjectMapper().readTree(line));
      }
    }
    return events;
  }

  @Test
  void jobsAndStagesOfTheEventLogAreNamedAfterTheRound() throws IOException {
    Set<String> descriptions = new TreeSet<>();
    Set<String> stages = new TreeSet<>();
    Set<String> groups = new TreeSet<>();
    for (JsonNode event : events(scenario.load("federation.rounds=2", "federation.tree-depth=2"))) {
      if (event.path("Event").asText().equals("SparkListenerJobStart")) {
        descriptions.add(event.at("/Properties/spark.job.description").asText());
        groups.add(event.at("/Properties/spark.jobGroup.id").asText());
        event.path("Stage Infos").forEach(stage -> stages.add(stage.path("Stage Name").asText()));
      }
    }
    assertThat(groups).containsExactly("lorica tiny");
    assertThat(descriptions)
        .contains(
            "round 1/2 · train 7 clients",
            "round 2/2 · sum RangeSketch",
            "round 2/2 · sum CoreSketch");
    assertThat(stages).isEqualTo(descriptions);
  }

  @Test
  void aSumAboveMaxResultSizeIsSaidWithTheSetting() {
    LoadedConfig config = scenario.load("federation.rounds=1");
    SparkConf conf = conf().set("spark.driver.maxResultSize", "900");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      assertThatThrownBy(() -> RunTrace.of(config, SparkCohort.pool(context, config)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("spark.driver.maxResultSize is too small")
          .hasMessageContaining("raise it")
          .hasMessageNotContaining("\n");
    }
  }

  /** Loose ends would keep a round's memory for ever in a session that goes on. */
  @Test
  void afterAFailureNothingStaysPersisted() {
    LoadedConfig config = scenario.load("federation.rounds=1");
    SparkConf conf = conf().set("spark.driver.maxResultSize", "900");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      assertThatThrownBy(() -> RunTrace.of(config, SparkCohort.pool(context, config)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(context.getPersistentRDDs()).isEmpty();
    }
  }

  @Test
  void aFailureInsideATaskComesBackAsItsOwnLine() {
    String file = scenario.load().run().model().path();
    try (JavaSparkContext context = new JavaSparkContext(conf())) {
      assertThatThrownBy(
              () ->
                  SparkFailures.explained(
                      () ->
                          context
                              .parallelize(List.of(1, 2))
                              .map(
                                  i -> {
                                    if (i == 2) {
                                      throw new IllegalArgumentException(file + ": no such file");
                                    }
                                    return i;
                                  })
                              .collect()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + ": no such file");
    }
  }

  @Test
  void lostExecutorsFullDisksAndEndedApplicationsAreSaidWithTheSetting() {
    says(
        "Job aborted due to stage failure: Task 3 in stage 2.0 failed 4 times, most recent failure:"
            + " ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason:"
            + " Command exited with code 137\nDriver stacktrace:",
        "spark.executor.memoryOverhead");
    says("java.io.IOException: No space left on device", "spark.local.dir");
    says("java.lang.OutOfMemoryError: Java heap space\n at x", "spark.executor.memory");
    says(
        "DeviceMemoryException: no memory outside the heap for 9 MiB more: lower"
            + " federation.micro-batch\n at x",
        "federation.micro-batch");
    says("Master removed our application: FAILED", "lorica resume");
    assertThat(SparkFailures.explain(new IllegalStateException("something else"))).isEmpty();
  }

  private static void says(String spark, String setting) {
    assertThat(SparkFailures.explain(new IllegalStateException(spark)).orElseThrow())
        .hasMessageContaining(setting)
        .hasMessageNotContaining("\n");
  }
}
