package org.lorica.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A process of a test, ended with it. Its output goes to a file that a failure shows. */
public final class Subprocess implements AutoCloseable {
  private static final int SECONDS = 120;

  private final Process process;
  private final Path output;

  private Subprocess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** A JVM like this one that runs a class from this one's class path. */
  public static Subprocess java(Class<?> main, List<String> arguments) throws IOException {
    return java(List.of(), main, arguments);
  }

  /** The same with further options of the JVM. */
  public static Subprocess java(List<String> options, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-javaagent") && !a.startsWith("-agentlib"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return start(new ProcessBuilder(command));
  }

  /** Starts what {@code builder} describes. */
  public static Subprocess start(ProcessBuilder builder) throws IOException {
    Path output = Files.createTempFile("subprocess", ".log");
    return new Subprocess(
        builder.redirectErrorStream(true).redirectOutput(output.toFile()).start(), output);
  }

  /** Waits until the condition holds; fails if the process ends before, or never comes to it. */
  public void await(BooleanSupplier condition) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!condition.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new IllegalStateException("the process ended before:\n" + output());
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException("not within " + SECONDS + " s:\n" + output());
      }
      pause();
    }
  }

  /** Waits for its end and returns its exit code. */
  public int exitCode() {
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the process took longer than " + SECONDS + " s");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** kill -9, and waits for its end. */
  public void killHard() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** All that it has said. */
  public String output() throws IOException {
    return Files.readString(output);
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public void close() throws IOException {
    killHard();
    Files.deleteIfExists(output);
  }
}
