package org.lorica.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.LoadedConfig;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The configuration file of a command, and keys that the command line overrides in it. */
final class ConfigOptions {
  @Parameters(
      index = "0",
      paramLabel = "CONF",
      description = "Configuration file; conf/ holds some of every kind.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key, for all runs where there are several; may be repeated. Example: --set"
              + " privacy.epsilon=3")
  private List<String> overrides = new ArrayList<>();

  Path file() {
    return file;
  }

  List<String> overrides() {
    return List.copyOf(overrides);
  }

  /** The file as a scenario; {@code more} overrides win. */
  LoadedConfig scenario(String... more) {
    List<String> all = new ArrayList<>(overrides);
    all.addAll(List.of(more));
    return Paths.absolute(file, all);
  }
}
