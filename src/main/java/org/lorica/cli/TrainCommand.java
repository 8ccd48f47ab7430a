package org.lorica.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica train}: a whole federated run of one scenario. */
@Command(
    name = "train",
    description = "Trains a federated adapter as a scenario file says and writes a run folder.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "CONF",
      description = "Scenario, such as conf/quickstart.conf.")
  private Path scenario;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key of the scenario; may be repeated. Example: --set privacy.epsilon=3")
  private List<String> overrides = new ArrayList<>();

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
    List<String> all = new ArrayList<>(overrides);
    device.ifPresent(
        name -> all.add("device=" + Devices.named(name).name().toLowerCase(Locale.ROOT)));
    LoadedConfig loaded = Paths.absolute(scenario, all);
    RunConfig.General general = loaded.run().general();
    Optional<Path> interrupted =
        resume
            ? RunFolder.newestIncomplete(Path.of(general.out()), general.name())
            : Optional.empty();
    TrainingRun run = new TrainingRun(loaded, spec.commandLine(), options);
    return interrupted.map(run::resume).orElseGet(run::start);
  }
}
