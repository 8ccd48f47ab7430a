package org.lorica.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorica bench}: measurements, printed as tables. */
@Command(
    name = "bench",
    description = "Measures, and prints a table.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchStep.class,
      BenchClients.class,
      AggregateBench.class,
      BenchRound.class,
      BenchOverhead.class
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }
}
