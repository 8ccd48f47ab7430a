package org.lorica.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium on this machine, spoken to by its DevTools protocol. */
@SuppressWarnings("try") // close() waits for the process and may be interrupted
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocket socket;
  private final Answers answers;
  private final AtomicInteger ids = new AtomicInteger();

  private Browser(Process process, WebSocket socket, Answers answers) {
    this.process = process;
    this.socket = socket;
    this.answers = answers;
  }

  /** The program: {@code LORICA_BROWSER}, or the first Chromium on the path. */
  public static Optional<Path> program() {
    String named = System.getenv("LORICA_BROWSER");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome", "chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts it with a profile in {@code folder}. */
  public static Browser start(Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                program().orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("browser.log").toFile())
            .start();
    Path port = folder.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new IOException("no browser: " + Files.readString(folder.resolve("browser.log")));
      }
      Thread.sleep(50);
    }
    List<String> lines = Files.readAllLines(port);
    Answers answers = new Answers();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), answers)
            .get(60, TimeUnit.SECONDS);
    return new Browser(process, socket, answers);
  }

  /** A page of its own; requests to other machines are seen in {@link Page#requests}. */
  public Page open() throws Exception {
    String target =
        call("", "Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
    String session =
        call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    Page page = new Page(session);
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      page.call(domain + ".enable", Map.of());
    }
    return page;
  }

  private JsonNode call(String session, String method, Map<String, ?> params) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = answers.expect(id);
    Map<String, Object> message =
        new java.util.HashMap<>(Map.of("id", id, "method", method, "params", params));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    socket.sendText(JSON.writeValueAsString(message), true).get(60, TimeUnit.SECONDS);
    JsonNode found = answer.get(60, TimeUnit.SECONDS);
    if (found.has("error")) {
      throw new IOException(method + ": " + found.path("error"));
    }
    return found.path("result");
  }

  /** One tab. */
  public final class Page {
    private final String session;

    private Page(String session) {
      this.session = session;
    }

    public JsonNode call(String method, Map<String, ?> params) throws Exception {
      return Browser.this.call(session, method, params);
    }

    /** Goes there and waits until {@code condition} is true in the page. */
    public void visit(URI address, String condition) throws Exception {
      call("Page.navigate", Map.of("url", address.toString()));
      waitFor(condition);
    }

    public void waitFor(String condition) throws Exception {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!evaluate("!!(" + condition + ")").asBoolean()) {
        if (System.nanoTime() > end) {
          throw new IOException("never true: " + condition + "; errors: " + errors());
        }
        Thread.sleep(50);
      }
    }

    public JsonNode evaluate(String script) throws Exception {
      return call("Runtime.evaluate", Map.of("expression", script, "returnByValue", true))
          .path("result")
          .path("value");
    }

    /** Exceptions and errors that the page has logged. */
    public List<String> errors() {
      return events("Runtime.exceptionThrown", "Log.entryAdded").stream()
          .filter(
              e ->
                  e.path("method").asText().startsWith("Runtime")
                      || e.path("params").path("entry").path("level").asText().equals("error"))
          .map(JsonNode::toString)
          .toList();
    }

    /** Addresses that were asked for. */
    public List<String> requests() {
      return events("Network.requestWillBeSent").stream()
          .map(e -> e.path("params").path("request").path("url").asText())
          .toList();
    }

    private List<JsonNode> events(String... methods) {
      return answers.events.stream()
          .filter(e -> e.path("sessionId").asText().equals(session))
          .filter(e -> List.of(methods).contains(e.path("method").asText()))
          .toList();
    }
  }

  private static final class Answers implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final StringBuilder text = new StringBuilder();

    CompletableFuture<JsonNode> expect(int id) {
      return open.computeIfAbsent(id, i -> new CompletableFuture<>());
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          if (message.has("id")) {
            expect(message.path("id").asInt()).complete(message);
          } else {
            events.add(message);
          }
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    children.forEach(ProcessHandle::destroy);
    process.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally(e -> process).join();
  }
}
