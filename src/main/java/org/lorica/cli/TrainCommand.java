package org.lorica.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.report.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorica train}: a whole federated run of one scenario. */
@Command(
    name = "train",
    description = "Trains a federated adapter as a scenario file says and writes a run folder.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  @Mixin private ConfigOptions config;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|cuda",
      description = "What computes; the same as --set device=….")
  private Optional<String> device = Optional.empty();

  @Option(
      names = "--resume",
      description =
          "Goes on with the newest interrupted run of that name, after its last finished round;"
              + " starts a new one if there is none.")
  private boolean resume;

  @Mixin private RunOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    LoadedConfig loaded =
        device.isEmpty() ? config.scenario() : config.scenario("device=" + known(device.get()));
    RunConfig.General general = loaded.run().general();
    Optional<Path> interrupted =
        resume
            ? RunFolder.newestIncomplete(Path.of(general.out()), general.name())
            : Optional.empty();
    TrainingRun run = new TrainingRun(loaded, spec.commandLine(), options);
    return interrupted.map(run::resume).orElseGet(run::start);
  }

  /** The name itself; throws where no device has it. */
  private static String known(String name) {
    return Devices.named(name).name().toLowerCase(Locale.ROOT);
  }
}
