package org.lorica.report.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An MLflow tracking server in the calls that a run makes, over real HTTP. */
public final class FakeServer implements AutoCloseable {
  private final HttpServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, String> experiments = new ConcurrentHashMap<>();
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
        send(
            exchange,
            200,
            "{\"run\":{\"info\":{\"run_id\":\"r1\",\"artifact_uri\":\"mlflow-artifacts:/7/r1/artifacts\"}}}");
      } else {
        send(exchange, 200, "{}");
      }
    }
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
