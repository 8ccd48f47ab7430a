package org.lorica.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** A standalone Spark cluster of this machine's own, by {@code submit/dev-cluster}. */
public final class DevCluster implements AutoCloseable {
  private static final int PORTS = 10; // master, its page, the workers' pages

  private final Path state;
  private final int port;

  private DevCluster(Path state, int port) {
    this.state = state;
    this.port = port;
  }

  /**
   * Starts it.
   *
   * @param state folder for logs and process ids
   * @param options further ones of {@code submit/dev-cluster up}
   */
  public static DevCluster up(Path state, String... options) throws IOException {
    DevCluster cluster = new DevCluster(state, freePorts());
    List<String> command =
        new ArrayList<>(
            List.of("up", "--port", "" + cluster.port, "--ui-port", "" + (cluster.port + 1)));
    command.addAll(List.of(options));
    cluster.script(command);
    return cluster;
  }

  private static int freePorts() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      int first = 20_000 + PORTS * ThreadLocalRandom.current().nextInt(1000);
      if (allFree(first)) {
        return first;
      }
    }
    throw new IOException("no " + PORTS + " free ports in a row");
  }

  private static boolean allFree(int first) {
    for (int port = first; port < first + PORTS; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (!socket.isBound()) {
          return false;
        }
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** {@code spark://…}. */
  public String master() {
    return "spark://127.0.0.1:" + port;
  }

  private void script(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("submit/dev-cluster"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(k -> k.startsWith("SPARK_") || k.startsWith("LORICA_"));
    builder.environment().put("LORICA_DEV_CLUSTER", state.toString());
    try (Subprocess script = Subprocess.start(builder)) {
      if (script.exitCode() != 0) {
        throw new IOException(command + " failed:\n" + script.output());
      }
    }
  }

  /** The processes of executors that run now, the newest first. */
  public List<ProcessHandle> executors() {
    return ProcessHandle.allProcesses()
        .filter(p -> commandLine(p).contains("CoarseGrainedExecutorBackend"))
        .sorted(Comparator.comparing(DevCluster::started).reversed())
        .toList();
  }

  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  /** The newest process with that executor id. */
  public Optional<ProcessHandle> executor(String id) {
    return executors().stream()
        .filter(p -> commandLine(p).contains("\0--executor-id\0" + id + "\0"))
        .findFirst();
  }

  private boolean isOurs(ProcessHandle process) {
    try {
      Path folder = Files.readSymbolicLink(Path.of("/proc", "" + process.pid(), "cwd"));
      return folder.startsWith(state.toRealPath());
    } catch (IOException e) {
      return false; // ended meanwhile, or somebody else's
    }
  }

  private String commandLine(ProcessHandle process) {
    try {
      return isOurs(process)
          ? Files.readString(
              Path.of("/proc", "" + process.pid(), "cmdline"), StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** What executors and daemons wrote, for a failure's message. */
  public String logs() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(f -> f.getFileName().toString().equals("stderr")).toList()) {
        String all = Files.readString(file);
        text.append("== ").append(file).append('\n');
        text.append(all.substring(Math.max(0, all.length() - 3000)));
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    script(List.of("down"));
  }
}
