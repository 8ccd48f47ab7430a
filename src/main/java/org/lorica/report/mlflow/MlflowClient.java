package org.lorica.report.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The part of MLflow's REST API 2.0 that a run needs. Every call waits for its answer; what fails
 * is an {@link IOException} that names the call and what the server said.
 */
final class MlflowClient {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TrackingServer server;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build();

  MlflowClient(TrackingServer server) {
    this.server = server;
  }

  /**
   * A run that the server has made.
   *
   * @param artifacts where its files go
   */
  record TrackedRun(String id, String artifacts) {}

  /** The id of an experiment, which is made if it is not there. */
  String experiment(String name) throws IOException, InterruptedException {
    HttpResponse<String> found =
        send(
            "experiments/get-by-name",
            request(
                    "/api/2.0/mlflow/experiments/get-by-name?experiment_name="
                        + URLEncoder.encode(name, StandardCharsets.UTF_8))
                .GET());
    if (found.statusCode() != 404) {
      return tree("experiments/get-by-name", found)
          .path("experiment")
          .path("experiment_id")
          .asText();
    }
    return post("experiments/create", Map.of("name", name)).path("experiment_id").asText();
  }

  TrackedRun create(String experiment, String name, long startMillis)
      throws IOException, InterruptedException {
    JsonNode info =
        post(
                "runs/create",
                Map.of(
                    "experiment_id",
                    experiment,
                    "run_name",
                    name,
                    "start_time",
                    startMillis,
                    "tags",
                    List.of(Map.of("key", "mlflow.source.name", "value", "lorica"))))
            .path("run")
            .path("info");
    return new TrackedRun(info.path("run_id").asText(), info.path("artifact_uri").asText());
  }

  /** A run as the server has it now, with the keys of the parameters that it was told. */
  record KeptRun(TrackedRun run, Set<String> params) {}

  /** The run of that id; empty where the server has none, or has deleted it. */
  Optional<KeptRun> find(String id) throws IOException, InterruptedException {
    HttpResponse<String> found =
        send(
            "runs/get",
            request(
                    "/api/2.0/mlflow/runs/get?run_id="
                        + URLEncoder.encode(id, StandardCharsets.UTF_8))
                .GET());
    if (found.statusCode() == 404) {
      return Optional.empty();
    }
    JsonNode run = tree("runs/get", found).path("run");
    if (run.path("info").path("lifecycle_stage").asText().equals("deleted")) {
      return Optional.empty();
    }
    Set<String> params = new HashSet<>();
    run.path("data").path("params").forEach(param -> params.add(param.path("key").asText()));
    String artifacts = run.path("info").path("artifact_uri").asText();
    return Optional.of(new KeptRun(new TrackedRun(id, artifacts), params));
  }

  /** Takes a run's end back. */
  void reopen(String run) throws IOException, InterruptedException {
    post("runs/update", Map.of("run_id", run, "status", "RUNNING"));
  }

  /** One metric at one round. */
  record Metric(String key, double value, long timestamp, long step) {}

  /** One parameter; the server takes at most 100 of them at a time. */
  record Param(String key, String value) {}

  void log(String run, List<Metric> metrics, List<Param> params)
      throws IOException, InterruptedException {
    post("runs/log-batch", Map.of("run_id", run, "metrics", metrics, "params", params));
  }

  void finish(String run, String status, long endMillis) throws IOException, InterruptedException {
    post("runs/update", Map.of("run_id", run, "status", status, "end_time", endMillis));
  }

  /**
   * Puts a file among the run's artifacts: through the server's proxy ({@code mlflow-artifacts:}),
   * or by a copy where the store is a folder of this machine.
   *
   * @param name its place, with slashes
   */
  void upload(TrackedRun run, Path file, String name) throws IOException, InterruptedException {
    String store = run.artifacts();
    if (store.startsWith("mlflow-artifacts:")) {
      String root = URI.create(store).getPath().replaceFirst("^/+", "");
      HttpRequest.Builder request =
          request("/api/2.0/mlflow-artifacts/artifacts/" + escaped(root + "/" + name))
              .header("Content-Type", "application/octet-stream")
              .PUT(HttpRequest.BodyPublishers.ofFile(file));
      tree("artifacts", send("artifacts", request));
    } else if (store.startsWith("file:") || store.startsWith("/")) {
      Path folder = store.startsWith("file:") ? Path.of(URI.create(store)) : Path.of(store);
      Path target = folder.resolve(name);
      Files.createDirectories(target.getParent());
      Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
    } else {
      throw new FileNotFoundException(
          "artifacts: the store "
              + store
              + " cannot be reached through the tracking server; files are in the run folder only");
    }
  }

  private static String escaped(String path) {
    StringBuilder escaped = new StringBuilder();
    for (String part : path.split("/", -1)) {
      escaped.append(escaped.length() > 0 ? "/" : "");
      escaped.append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return escaped.toString();
  }

  private JsonNode post(String call, Map<String, ?> body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request("/api/2.0/mlflow/" + call)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    return tree(call, send(call, request));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path)).timeout(ANSWER);
    server.authorization().ifPresent(a -> request.header("Authorization", a));
    return request;
  }

  private HttpResponse<String> send(String call, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      String why = e.getMessage() == null ? "no connection" : e.getMessage();
      throw new IOException(call + ": " + why, e);
    }
  }

  private static JsonNode tree(String call, HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() / 100 != 2) {
      String said = answer.body().strip().replaceAll("\\s+", " ");
      throw new RefusedException(
          answer.statusCode(),
          call
              + ": "
              + answer.statusCode()
              + " "
              + said.substring(0, Math.min(200, said.length())));
    }
    return answer.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(answer.body());
  }

  /** The server answered, and said no. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String message) {
      super(message);
      this.status = status;
    }

    /** Asking again would bring the same answer. */
    boolean isFinal() {
      return status / 100 == 4 && status != 408 && status != 429;
    }
  }
}
