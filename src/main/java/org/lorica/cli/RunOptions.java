package org.lorica.cli;

import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What a run shows of itself on request, whether it starts or goes on. */
final class RunOptions {
  @Option(
      names = "--live",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "PORT",
      description =
          "Serves the report while the run goes on, to this machine only; without a port, on any"
              + " that is free.")
  private Optional<Integer> live = Optional.empty();

  @Option(
      names = "--timings",
      description = "Prints what the time from the command to the first training step consists of.")
  private boolean timings;

  /** The port of {@code --live}, checked; 0 = any. */
  OptionalInt livePort() {
    if (live.isPresent() && (live.get() < 0 || live.get() > 65535)) {
      throw new IllegalArgumentException("--live must be a port in 0..65535, got " + live.get());
    }
    return live.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  boolean timings() {
    return timings;
  }
}
