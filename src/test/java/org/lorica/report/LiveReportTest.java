package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveReportTest {
  @TempDir private Path dir;
  private Path run;
  private LiveReport live;

  @BeforeEach
  void start() throws IOException {
    run = SampleFolders.run(dir.resolve("r"), "fedask", "8", 0.4);
    live = LiveReport.start(() -> run, 0);
  }

  @AfterEach
  void stop() {
    live.close();
  }

  private record Answer(int status, String text) {}

  private Answer ask(String path, String method) throws IOException {
    URI uri = live.address().resolve(path);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    int status = connection.getResponseCode();
    byte[] bytes =
        (status < 400 ? connection.getInputStream() : connection.getErrorStream()).readAllBytes();
    return new Answer(status, new String(bytes, StandardCharsets.UTF_8));
  }

  @Test
  void servesThePageAndItsNumbersAnew() throws IOException {
    Answer page = ask("/", "GET");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).contains("\"live\":true");
    assertThat(rounds(ask("/data.json", "GET"))).isEqualTo(3);
    Files.writeString(
        run.resolve("rounds.jsonl"),
        "{\"round\":4,\"rounds\":5,\"quality\":{\"metric\":\"accuracy\",\"metricValue\":0.9}}\n",
        StandardOpenOption.APPEND);
    assertThat(rounds(ask("/data.json", "GET"))).isEqualTo(4);
  }

  private static int rounds(Answer answer) {
    return Json.tree(answer.text())
        .path("charts")
        .path(0)
        .path("series")
        .path(0)
        .path("points")
        .size();
  }

  @Test
  void hasNothingElse() throws IOException {
    assertThat(ask("/../manifest.json", "GET").status()).isEqualTo(404);
    assertThat(ask("/rounds.jsonl", "GET").status()).isEqualTo(404);
    assertThat(ask("/", "POST").status()).isEqualTo(405);
  }

  @Test
  void aFolderThatIsBeingRenamedIsAskedForAgain() throws IOException {
    run = dir.resolve("not-there-yet");
    assertThat(ask("/data.json", "GET").status()).isEqualTo(503);
  }

  /** A page of a foreign site must not read it through a name that points here. */
  @Test
  void answersOnlyToNamesOfThisMachine() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), live.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      byte[] start = socket.getInputStream().readNBytes(12);
      assertThat(new String(start, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 403");
    }
  }

  @Test
  void listensOnTheLoopbackOnly() throws IOException {
    List<InetAddress> others =
        Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
            .flatMap(n -> Collections.list(n.getInetAddresses()).stream())
            .filter(a -> !a.isLoopbackAddress() && a.getAddress().length == 4)
            .toList();
    for (InetAddress other : others) {
      assertThatThrownBy(() -> new Socket(other, live.address().getPort()).close())
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> LiveReport.start(() -> run, live.address().getPort()))
        .hasMessageContaining("--live must be a port that is free");
  }
}
