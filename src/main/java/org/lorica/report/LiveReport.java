package org.lorica.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves the report of a run that goes on, to this machine only. It reads the run's files anew for
 * every answer and knows nothing else of the run.
 */
public final class LiveReport implements AutoCloseable {
  private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]");

  private final HttpServer server;
  private final Supplier<Path> folder;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread t = new Thread(task, "lorica-live");
            t.setDaemon(true);
            return t;
          });

  private LiveReport(HttpServer server, Supplier<Path> folder) {
    this.server = server;
    this.folder = folder;
  }

  /**
   * Starts to serve.
   *
   * @param folder where the run's files are now
   * @param port 0 = any that is free
   */
  public static LiveReport start(Supplier<Path> folder, int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      LiveReport live = new LiveReport(HttpServer.create(address, 0), folder);
      live.server.createContext("/", live::answer);
      live.server.setExecutor(live.thread);
      live.server.start();
      return live;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--live must be a port that is free, got " + port + ": " + e.getMessage(), e);
    }
  }

  /** What to open in a browser. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
      if (!THIS_MACHINE.contains(host.replaceFirst(":\\d+$", ""))) {
        send(
            exchange,
            403,
            "text/plain",
            "only for this machine"); // a foreign name that points here
        return;
      }
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "only GET");
        return;
      }
      try {
        switch (exchange.getRequestURI().getPath()) {
          case "/" -> send(exchange, 200, "text/html", page().html(ReportPage.Mode.LIVE));
          case "/data.json" ->
              send(exchange, 200, "application/json", page().data(ReportPage.Mode.LIVE));
          default -> send(exchange, 404, "text/plain", "no such page");
        }
      } catch (IllegalArgumentException | UncheckedIOException e) {
        send(exchange, 503, "text/plain", "not readable just now"); // the folder is being renamed
      }
    }
  }

  private ReportPage page() {
    return ReportPage.of(List.of(folder.get()));
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}
