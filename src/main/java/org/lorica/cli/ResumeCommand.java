package org.lorica.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.report.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorica resume}: the rest of an interrupted run. */
@Command(
    name = "resume",
    description =
        "Goes on with an interrupted run after its last finished round, with the settings that its"
            + " folder holds.",
    mixinStandardHelpOptions = true)
final class ResumeCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "Folder of the run; its name ends with .incomplete.")
  private Path folder;

  @Option(
      names = "--live",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "PORT",
      description = "Serves the report while the run goes on, to this machine only.")
  private Optional<Integer> live = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String settings = RunFolder.manifestOf(folder).resolvedConfiguration();
    LoadedConfig loaded = new LoadedConfig(ConfigLoader.parse(settings), settings);
    return new TrainingRun(loaded, spec.commandLine(), TrainCommand.port(live)).resume(folder);
  }
}
