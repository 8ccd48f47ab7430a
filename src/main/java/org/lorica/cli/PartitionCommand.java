package org.lorica.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.lorica.config.LoadedConfig;
import org.lorica.data.Example;
import org.lorica.data.PartitionSummary;
import org.lorica.federation.Population;
import org.lorica.federation.Workbench;
import org.lorica.random.RandomKey;
import org.lorica.report.PartitionReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica partition}: who holds how much of what. */
@Command(
    name = "partition",
    description = "Shows how a scenario's examples are shared out among its clients.",
    mixinStandardHelpOptions = true)
final class PartitionCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Also writes partition.json and partition.png there.")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded = options.scenario();
    Population population = Workbench.shared(loaded.resolvedHocon()).population();
    PartitionReport report =
        new PartitionReport(
            PartitionSummary.of(
                population.clients(),
                client -> labels(population.examples(client)),
                labels(population.pool()),
                RandomKey.root(loaded.run().general().seed())),
            population.labels());
    if (out != null) {
      try {
        Files.createDirectories(out);
      } catch (IOException e) {
        throw new UncheckedIOException("--out " + out + ": cannot make the folder", e);
      }
      report.write(out);
    }
    PrintWriter console = spec.commandLine().getOut();
    console.print(report.text());
    if (population.overlapping()) {
      console.println("clients may hold the same examples");
    }
    console.flush();
    return 0;
  }

  private static List<Integer> labels(List<Example> examples) {
    return examples.stream().map(Example::label).toList();
  }
}
