package org.lorica.report.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MlflowTrackerTest {
  private static final MlflowTracker.Pace QUICK =
      new MlflowTracker.Pace(Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(30));

  @TempDir private Path dir;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<TrackedRunFile> kept = new CopyOnWriteArrayList<>();
  private FakeServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FakeServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private MlflowTracker tracker(URI address, Optional<String> authorization) {
    return new MlflowTracker(
        new TrackingServer(address, authorization), QUICK, Clock.systemUTC(), warnings::add);
  }

  private MlflowTracker.Told told(Map<String, String> settings, Optional<TrackedRunFile> before) {
    return new MlflowTracker.Told("lorica", "quickstart", settings, before, kept::add);
  }

  private void wholeRun(MlflowTracker tracker) throws IOException {
    Path file = Files.writeString(dir.resolve("p.json"), "{\"epsilon\":8}");
    Map<String, String> settings = new TreeMap<>();
    for (int i = 0; i < 150; i++) {
      settings.put(String.format("key%03d", i), "v".repeat(i == 0 ? 9000 : 3));
    }
    try (tracker) {
      tracker.started(told(settings, Optional.empty()));
      tracker.round(1, Map.of("test_loss", 2.5, "nothing", Double.NaN));
      tracker.round(2, Map.of("test_loss", 2.0));
      tracker.artifacts(Map.of("adapter/a b.json", file));
      tracker.finished("FINISHED");
    }
  }

  private static final List<String> WHOLE =
      List.of(
          "experiments/get-by-name",
          "experiments/create",
          "runs/create",
          "runs/log-batch",
          "runs/log-batch",
          "runs/log-batch",
          "runs/log-batch",
          "mlflow-artifacts/artifacts/7/r1/artifacts/adapter/a%20b.json",
          "runs/update");

  @Test
  void tellsTheWholeRunInOrder() throws IOException {
    wholeRun(tracker(server.address(), Optional.of("Bearer secret")));
    assertThat(server.calls()).containsExactlyElementsOf(WHOLE);
    assertThat(server.requests()).allMatch(r -> r.authorization().equals("Bearer secret"));
    JsonNode params = json(3).path("params");
    assertThat(params.size()).isEqualTo(100); // the most that the server takes
    assertThat(params.path(0).path("value").asText()).hasSize(500);
    assertThat(json(4).path("params").size()).isEqualTo(50);
    JsonNode metrics = json(5).path("metrics");
    assertThat(metrics.size()).isEqualTo(1); // NaN is no metric
    assertThat(metrics.path(0).path("key").asText()).isEqualTo("test_loss");
    assertThat(metrics.path(0).path("step").asInt()).isEqualTo(1);
    assertThat(server.requests().get(7).body()).isEqualTo("{\"epsilon\":8}");
    assertThat(json(8).path("status").asText()).isEqualTo("FINISHED");
    assertThat(warnings).isEmpty();
  }

  private JsonNode json(int request) throws IOException {
    return new ObjectMapper().readTree(server.requests().get(request).body());
  }

  /** Every call after the first {@code from}, and no warning. */
  private List<String> resumed(int from, Map<String, String> settings, TrackedRunFile before) {
    try (MlflowTracker tracker = tracker(server.address(), Optional.empty())) {
      tracker.started(told(settings, Optional.of(before)));
      tracker.round(3, Map.of("test_loss", 1.5));
      tracker.finished("FINISHED");
    }
    return server.calls().subList(from, server.calls().size());
  }

  @Test
  void aResumedRunGoesOnInTheSameRunWithTheParametersThatItLacks() throws IOException {
    wholeRun(tracker(server.address(), Optional.empty()));
    assertThat(kept).containsExactly(new TrackedRunFile(server.address().toString(), "r1"));
    int first = server.calls().size();
    Map<String, String> settings = Map.of("key003", "another value", "later", "1");
    assertThat(resumed(first, settings, kept.get(0)))
        .containsExactly(
            "runs/get", "runs/update", "runs/log-batch", "runs/log-batch", "runs/update");
    assertThat(json(first + 1).path("status").asText()).isEqualTo("RUNNING");
    assertThat(json(first + 2).path("params").size()).isEqualTo(1);
    assertThat(json(first + 2).path("params").path(0).path("key").asText()).isEqualTo("later");
    for (int call = first + 1; call < server.calls().size(); call++) {
      assertThat(json(call).path("run_id").asText()).isEqualTo("r1");
    }
    assertThat(json(first + 4).path("status").asText()).isEqualTo("FINISHED");
    assertThat(warnings).isEmpty();
    assertThat(kept).hasSize(1);
  }

  @Test
  void aRunThatTheServerHasNoMoreIsMadeAnew() throws IOException {
    wholeRun(tracker(server.address(), Optional.empty()));
    server.forget("r1");
    int first = server.calls().size();
    assertThat(resumed(first, Map.of("key003", "v"), kept.get(0)))
        .startsWith("runs/get", "experiments/get-by-name", "runs/create", "runs/log-batch");
    assertThat(json(first + 3).path("run_id").asText()).isEqualTo("r2");
    assertThat(kept).last().extracting(TrackedRunFile::runId).isEqualTo("r2");
    assertThat(warnings).singleElement().asString().contains("it has no run r1 any more");
  }

  @Test
  void aRunOfAnotherServerIsMadeAnew() {
    TrackedRunFile elsewhere = new TrackedRunFile("https://other.example", "r1");
    assertThat(resumed(0, Map.of(), elsewhere)).contains("runs/create").doesNotContain("runs/get");
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("the run was tracked at https://other.example");
  }

  @Test
  void theFileOfAFolderSaysWhereARunIsTracked() throws IOException {
    assertThat(TrackedRunFile.read(dir)).isEmpty();
    Path file = dir.resolve(TrackedRunFile.NAME);
    Files.writeString(file, "{\"server\":\"http://a\",\"runId\":\"r7\"}");
    assertThat(TrackedRunFile.read(dir)).hasValue(new TrackedRunFile("http://a", "r7"));
    for (String bad : List.of("{\"server\":\"http://a\"}", "{half", "[]")) {
      Files.writeString(file, bad);
      assertThatThrownBy(() -> TrackedRunFile.read(dir)).hasMessageContaining("mlflow.json: ");
    }
  }

  @Test
  void whatFailsIsTriedAgainInOrderAndSaidOnce() throws IOException {
    server.failures.set(2);
    wholeRun(tracker(server.address(), Optional.empty()));
    // the run is made anew where its answer was lost, so calls may come twice, but in order
    assertThat(server.calls()).containsSubsequence(WHOLE);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0))
        .contains("500")
        .contains("trying again")
        .contains("the run goes on");
  }

  @Test
  void aServerThatIsNotThereStopsNobody() throws IOException {
    URI dead = server.address();
    server.close();
    wholeRun(tracker(dead, Optional.of("Bearer secret")));
    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).contains(dead.toString()).contains("the run goes on");
    assertThat(warnings.get(1)).contains("not delivered").contains("run folder");
    assertThat(String.join("", warnings)).doesNotContain("secret");
  }

  @Test
  void theServerIsWhatConfigurationOrEnvironmentName() {
    assertThat(TrackingServer.of(Optional.empty(), Map.of())).isEmpty();
    assertThat(
            TrackingServer.of(Optional.empty(), Map.of("MLFLOW_TRACKING_URI", "http://a:5/"))
                .get()
                .address())
        .hasToString("http://a:5");
    TrackingServer named =
        TrackingServer.of(
                Optional.of("http://b"),
                Map.of(
                    "MLFLOW_TRACKING_URI", "http://a",
                    "MLFLOW_TRACKING_USERNAME", "u",
                    "MLFLOW_TRACKING_PASSWORD", "p"))
            .get();
    assertThat(named.address()).hasToString("http://b");
    assertThat(named.authorization()).hasValue("Basic dTpw");
    TrackingServer workspace =
        TrackingServer.of(
                Optional.of("databricks"),
                Map.of("DATABRICKS_HOST", "w.example", "DATABRICKS_TOKEN", "t"))
            .get();
    assertThat(workspace.address()).hasToString("https://w.example");
    assertThat(workspace.authorization()).hasValue("Bearer t");
    assertThat(workspace.toString()).doesNotContain("Bearer");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(
            () ->
                TrackingServer.of(
                    Optional.of("databricks"), Map.of("DATABRICKS_HOST", "w.example")))
        .hasMessageContaining("DATABRICKS_TOKEN is not");
    assertThatThrownBy(
            () -> TrackingServer.of(Optional.empty(), Map.of("MLFLOW_TRACKING_URI", "sqlite:x")))
        .hasMessageContaining("MLFLOW_TRACKING_URI")
        .hasMessageContaining("sqlite:x");
  }
}
