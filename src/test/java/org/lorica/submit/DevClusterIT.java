package org.lorica.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.cli.Main;
import org.lorica.submit.Launcher.Answer;

/** The launchers end to end: separate processes for master, workers, executors and driver. */
@Tag("slow")
class DevClusterIT {
  @TempDir private Path dir;

  private Launcher cluster() {
    return Launcher.of("dev-cluster").with("LORICA_DEV_CLUSTER", dir.resolve("c").toString());
  }

  @AfterEach
  void leaveNothingRunning() {
    cluster().run("down");
  }

  /** The first of some ports in a row that are free now. */
  private static int freePorts(int count) throws IOException {
    for (int first = 20_000; first < 60_000; first += 100) {
      if (allFree(first, count)) {
        return first;
      }
    }
    throw new IOException("no " + count + " free ports in a row");
  }

  private static boolean allFree(int first, int count) {
    for (int port = first; port < first + count; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        assertThat(socket.isBound()).isTrue();
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  private static byte[] adapter(Path runs) throws IOException {
    try (Stream<Path> files = Files.walk(runs)) {
      List<Path> found =
          files.filter(f -> f.endsWith("adapter/adapter_model.safetensors")).toList();
      assertThat(found).hasSize(1);
      return Files.readAllBytes(found.get(0));
    }
  }

  private static String[] training(Path runs, String... more) {
    return Stream.concat(
            Stream.of("train", "conf/quickstart.conf", "--set", "out=" + runs),
            Stream.of(more).flatMap(setting -> Stream.of("--set", setting)))
        .toArray(String[]::new);
  }

  @Test
  void aRunOnSeveralProcessesGivesTheSameBytesAsThreadsOfOneJvm() throws IOException {
    int port = freePorts(4);
    String master = "spark://127.0.0.1:" + port;
    String[] up = {
      "up",
      "--port",
      "" + port,
      "--ui-port",
      "" + (port + 1),
      "--simulate-gpus",
      "1",
      "--memory",
      "1500m"
    };
    Answer started = cluster().run(up);
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out()).contains(master).contains("submit/standalone");
    assertThat(cluster().run(up).out()).as("up again").isEqualTo(started.out());
    assertThat(cluster().run("status").code()).isZero();
    assertThat(cluster().run("up", "--workers", "3").err()).contains("other settings");

    Answer trained =
        Launcher.of("standalone")
            .run(
                Stream.concat(
                        Stream.of("--master", master, "--gpus-per-executor", "1"),
                        Stream.of(training(dir.resolve("far"), "federation.rounds=2")))
                    .toArray(String[]::new));
    assertThat(trained.code()).as(trained.err()).isZero();
    int here =
        Main.execute(
            training(dir.resolve("near"), "federation.rounds=2", "federation.engine=local"));
    assertThat(here).isZero();
    assertThat(adapter(dir.resolve("far"))).isEqualTo(adapter(dir.resolve("near")));

    assertThat(cluster().run("down").out()).contains("stopped: master worker-1 worker-2");
    assertThat(cluster().run("down").out()).contains("nothing ran");
    assertThat(cluster().run("status").code()).isEqualTo(1);
    assertThat(allFree(port, 4)).as("ports free again").isTrue();
  }
}
