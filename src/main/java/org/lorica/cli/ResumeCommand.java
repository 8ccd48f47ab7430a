package org.lorica.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lorica.config.ConfigLoader;
import org.lorica.config.LoadedConfig;
import org.lorica.report.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Mixin private RunOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String settings = RunFolder.manifestOf(folder).resolvedConfiguration();
    LoadedConfig loaded = new LoadedConfig(ConfigLoader.parse(settings), settings);
    return new TrainingRun(loaded, spec.commandLine(), options).resume(folder);
  }
}
