package org.lorica.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.HubConfig;

/** Against a local server with the hub's layout: checksums in headers, large files elsewhere. */
class HubCacheTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  private final Map<String, byte[]> files = new TreeMap<>(); // "org/name/resolve/rev/file"
  private final List<String> asked = new ArrayList<>();
  private HttpServer server;
  private int cutAt = -1; // bytes after which a large file's connection breaks
  private boolean forged = false; // another content than the checksum's

  @TempDir private Path cache;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(1);
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
    boolean elsewhere = path.startsWith("cdn/");
    byte[] content = files.get(elsewhere ? path.substring(4) : path);
    if (content == null) {
      exchange.sendResponseHeaders(404, -1);
    } else if (path.endsWith(".safetensors") && !elsewhere) {
      exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + hash("SHA-256", content) + "\"");
      exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
      exchange.getResponseHeaders().set("Location", "/cdn/" + path);
      exchange.sendResponseHeaders(302, -1);
    } else {
      send(exchange, content, range);
    }
    exchange.close();
  }

  private void send(HttpExchange exchange, byte[] whole, String range) throws IOException {
    byte[] blob = ("blob " + whole.length + "\0").getBytes(StandardCharsets.ISO_8859_1);
    byte[] tagged = Arrays.copyOf(blob, blob.length + whole.length);
    System.arraycopy(whole, 0, tagged, blob.length, whole.length);
    exchange.getResponseHeaders().set("ETag", "\"" + hash("SHA-1", tagged) + "\"");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(whole.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    byte[] rest = Arrays.copyOfRange(whole, from, whole.length);
    if (forged) {
      rest[0]++;
    }
    if (cutAt >= 0) {
      exchange.sendResponseHeaders(range == null ? 200 : 206, 0); // chunked: ends where it ends
      exchange.getResponseBody().write(rest, 0, Math.min(rest.length, cutAt));
      exchange.getResponseBody().close();
      return;
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, rest.length);
    exchange.getResponseBody().write(rest);
  }

  private static String hash(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private HubCache cache(HubConfig.Network network) {
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    return new HubCache(
        new HubConfig(Optional.of(address), Optional.of(cache.toString()), network));
  }

  private HubCache online() {
    return cache(HubConfig.Network.ONLINE);
  }

  private void put(String repository, String file, byte[] content) {
    files.put(repository + "/resolve/main/" + file, content);
    files.put(repository + "/resolve/" + COMMIT + "/" + file, content);
  }

  private static byte[] bytes(int length, long seed) {
    byte[] content = new byte[length];
    new SplittableRandom(seed).nextBytes(content);
    return content;
  }

  @Test
  void aModelIsFetchedOnceAndAgainOnlyWhenItChanges() throws IOException {
    put("org/m", "config.json", "{}".getBytes(StandardCharsets.UTF_8));
    put("org/m", "model.safetensors", bytes(100_000, 1));
    put("org/m", "vocab.txt", bytes(10, 2));
    Path folder = online().localModel("hf://org/m");
    assertThat(folder.resolve("model.safetensors")).hasBinaryContent(bytes(100_000, 1));
    assertThat(folder.resolve("vocab.txt")).exists();
    assertThat(folder.resolve("tokenizer.json")).doesNotExist();
    asked.clear();
    assertThat(online().localModel("hf://org/m")).isEqualTo(folder);
    assertThat(asked).isNotEmpty().allMatch(line -> line.startsWith("HEAD "));
    put("org/m", "model.safetensors", bytes(50_000, 3));
    online().localModel("hf://org/m@main");
    assertThat(folder.resolve("model.safetensors")).hasBinaryContent(bytes(50_000, 3));
    asked.clear();
    assertThat(cache(HubConfig.Network.OFFLINE).localModel("hf://org/m")).isEqualTo(folder);
    assertThat(asked).isEmpty();
  }

  @Test
  void aCommitIsNeverAskedForAgain() {
    put("org/m", "data.tsv", bytes(10, 1));
    String name = "hf://org/m@" + COMMIT + "/data.tsv";
    assertThat(Path.of(online().localFile(name))).hasBinaryContent(bytes(10, 1));
    asked.clear();
    online().localFile(name);
    assertThat(asked).isEmpty();
  }

  @Test
  void shardsAreFetchedByTheirIndexAndDataSetsByTheirFile() throws IOException {
    put("org/big", "config.json", "{}".getBytes(StandardCharsets.UTF_8));
    String index =
        "{\"weight_map\":{\"a\":\"m-1-of-2.safetensors\",\"b\":\"m-2-of-2.safetensors\"}}";
    put("org/big", "model.safetensors.index.json", index.getBytes(StandardCharsets.UTF_8));
    put("org/big", "m-1-of-2.safetensors", bytes(10, 1));
    put("org/big", "m-2-of-2.safetensors", bytes(20, 2));
    Path folder = online().localModel("hf://org/big");
    assertThat(folder.resolve("m-2-of-2.safetensors")).hasBinaryContent(bytes(20, 2));
    put("datasets/org/d", "train/a b.tsv", bytes(5, 4));
    String file = online().localFile("hf://datasets/org/d@main/train/a b.tsv");
    assertThat(Path.of(file)).hasBinaryContent(bytes(5, 4));
    assertThat(online().localFile("plain/path.tsv")).isEqualTo("plain/path.tsv");
    String climbing = "{\"weight_map\":{\"a\":\"../../x.safetensors\"}}";
    put("org/bad", "config.json", "{}".getBytes(StandardCharsets.UTF_8));
    put("org/bad", "model.safetensors.index.json", climbing.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> online().localModel("hf://org/bad"))
        .hasMessageContaining("expected plain file names")
        .hasMessageContaining("../../x.safetensors");
  }

  @Test
  void anInterruptedDownloadGoesOnWhereItStopped() throws IOException {
    put("org/m", "w.safetensors", bytes(100_000, 5));
    cutAt = 30_000;
    assertThatThrownBy(() -> online().localFile("hf://org/m/w.safetensors"))
        .hasMessageContaining("the connection ended after 30000 of 100000 bytes");
    try (var found = Files.walk(cache)) {
      assertThat(found.filter(f -> f.endsWith("w.safetensors"))).isEmpty();
    }
    cutAt = -1;
    asked.clear();
    Path file = Path.of(online().localFile("hf://org/m/w.safetensors"));
    assertThat(file).hasBinaryContent(bytes(100_000, 5));
    assertThat(asked).anyMatch(line -> line.endsWith("bytes=30000-"));
  }

  @Test
  void contentThatDoesNotMatchItsChecksumIsNotKept() throws IOException {
    put("org/m", "w.safetensors", bytes(1000, 6));
    put("org/m", "small.json", bytes(1000, 7));
    forged = true;
    for (String file : List.of("w.safetensors", "small.json")) {
      assertThatThrownBy(() -> online().localFile("hf://org/m/" + file))
          .hasMessageContaining(file)
          .hasMessageContaining("checksum must be");
    }
    try (var found = Files.walk(cache)) {
      assertThat(found.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".part")))
          .isEmpty();
    }
    forged = false;
    assertThat(Path.of(online().localFile("hf://org/m/small.json")))
        .hasBinaryContent(bytes(1000, 7));
  }

  @Test
  void offlineTheErrorSaysWhichFileToPutWhere() {
    HubCache offline = cache(HubConfig.Network.OFFLINE);
    assertThatThrownBy(() -> offline.localModel("hf://org/m@v2"))
        .hasMessageContaining("lorica.hub.offline = true")
        .hasMessageContaining(cache.resolve("org--m/v2/config.json").toString())
        .hasMessageContaining("put config.json of org/m (revision v2) in that place");
    HubCache unset =
        new HubCache(
            new HubConfig(
                Optional.empty(), Optional.of(cache.toString()), HubConfig.Network.ONLINE));
    assertThatThrownBy(() -> unset.localFile("hf://org/m/d.tsv"))
        .hasMessageContaining("lorica.hub.endpoint is not set")
        .hasMessageContaining("--set hub.endpoint=");
    assertThat(asked).isEmpty();
  }

  @Test
  void whatIsNotThereAndWhatIsNoNameIsSaid() {
    assertThatThrownBy(() -> online().localModel("hf://org/none"))
        .hasMessageContaining("org/none (revision main) has no file config.json");
    for (String bad : List.of("hf://alone", "hf://org/../x", "hf://org/m/../../x", "hf://a b/c")) {
      assertThatThrownBy(() -> online().localFile(bad)).hasMessageContaining("a hub name must be");
    }
    assertThatThrownBy(() -> online().localFile("hf://org/m"))
        .hasMessageContaining("a data file must be named");
    server.stop(0);
    assertThatThrownBy(() -> online().localFile("hf://org/m/d.tsv"))
        .hasMessageContaining("cannot fetch d.tsv of org/m")
        .hasMessageContaining("lorica.hub.offline = true");
  }
}
