package org.lorica.report.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** An MLflow tracking server in the calls that a run makes, over real HTTP. */
public final class FakeServer implements AutoCloseable {
  private final HttpServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, String> experiments = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> runs = new ConcurrentHashMap<>(); // keys of parameters
  private final AtomicInteger created = new AtomicInteger();
  final AtomicInteger failures = new AtomicInteger();

  /** What was asked. */
  public record Request(String method, String path, String authorization, String body) {}

  public FakeServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Answered calls without the API's prefix. */
  public List<String> calls() {
    return requests.stream()
        .map(r -> r.path().replaceFirst("/api/2.0/(mlflow/)?", "").replaceFirst("\\?.*", ""))
        .toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().toString();
      if (failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        send(exchange, 500, "{\"error_code\":\"INTERNAL_ERROR\"}");
        return;
      }
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              path,
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
              body));
      if (path.contains("get-by-name")) {
        String name = path.replaceFirst(".*experiment_name=", "");
        if (experiments.containsKey(name)) {
          send(exchange, 200, "{\"experiment\":{\"experiment_id\":\"7\"}}");
        } else {
          send(exchange, 404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}");
        }
      } else if (path.endsWith("experiments/create")) {
        experiments.put("lorica", "7");
        send(exchange, 200, "{\"experiment_id\":\"7\"}");
      } else if (path.endsWith("runs/create")) {
        String id = "r" + created.incrementAndGet();
        runs.put(id, ConcurrentHashMap.newKeySet());
        send(exchange, 200, "{\"run\":{\"info\":" + info(id) + "}}");
      } else if (path.contains("runs/get")) {
        String id = path.replaceFirst(".*run_id=", "");
        if (runs.containsKey(id)) {
          String params =
              runs.get(id).stream()
                  .map("{\"key\":\"%s\",\"value\":\"?\"}"::formatted)
                  .collect(Collectors.joining(","));
          send(
              exchange,
              200,
              "{\"run\":{\"info\":" + info(id) + ",\"data\":{\"params\":[" + params + "]}}}");
        } else {
          send(exchange, 404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}");
        }
      } else if (path.endsWith("runs/log-batch")) {
        JsonNode batch = new ObjectMapper().readTree(body);
        Set<String> known = runs.get(batch.path("run_id").asText());
        for (JsonNode param : batch.path("params")) {
          if (!known.add(param.path("key").asText())) {
            send(exchange, 400, "{\"error_code\":\"INVALID_PARAMETER_VALUE\"}");
            return;
          }
        }
        send(exchange, 200, "{}");
      } else {
        send(exchange, 200, "{}");
      }
    }
  }

  private static String info(String id) {
    return "{\"run_id\":\"%s\",\"artifact_uri\":\"mlflow-artifacts:/7/%s/artifacts\",\"lifecycle_stage\":\"active\"}"
        .formatted(id, id);
  }

  /** As a person who deletes a run in the server's pages. */
  void forget(String run) {
    runs.remove(run);
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
