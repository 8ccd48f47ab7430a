package org.lorica.submit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A script of {@code submit/}, run as a user would, in an environment free of the caller's. */
record Launcher(String name, Map<String, String> environment) {
  private static final int MINUTES = 5;

  /** What a script answered. */
  record Answer(int code, String out, String err) {
    List<String> errLines() {
      return Arrays.asList(err.strip().split("\\R"));
    }
  }

  static Launcher of(String name) {
    return new Launcher(name, Map.of());
  }

  Launcher with(String variable, String value) {
    Map<String, String> more = new TreeMap<>(environment);
    more.put(variable, value);
    return new Launcher(name, more);
  }

  Answer run(String... arguments) {
    try {
      Path out = Files.createTempFile("launcher", ".out");
      Path err = Files.createTempFile("launcher", ".err");
      try {
        return new Answer(code(out, err, arguments), Files.readString(out), Files.readString(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int code(Path out, Path err, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add("submit/" + name);
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(key -> key.startsWith("LORICA_") || key.startsWith("SPARK_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " took longer than " + MINUTES + " minutes");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(command + " was interrupted", e);
    }
  }
}
