package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.config.ConfigLoader;

/** What the pages tell a reader to type is a command with options and settings that exist. */
class DocumentedCommandsTest {
  /** A line of a block of code, with its continuations. */
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^(?:[$] )?[.]/submit/lorica ((?:[^\\n]*\\\\\\n)*[^\\n]*)$");

  private static final Set<String> OF_A_SCENARIO = Set.of("train", "audit", "partition");

  static Stream<String> commands() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      docs.filter(f -> f.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<String> commands = new ArrayList<>();
    for (Path page : pages) {
      Matcher found = COMMAND.matcher(Files.readString(page));
      while (found.find()) {
        commands.add(found.group(1).replace("\\\n", " ").replaceFirst("\\s#.*", "").strip());
      }
    }
    return commands.stream().filter(c -> !c.contains("[--")).distinct(); // that one is a synopsis
  }

  @Test
  void thePagesHoldCommands() throws IOException {
    assertThat(commands()).hasSizeGreaterThan(25);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void optionsAndSettingsExist(String command) {
    List<String> words = List.of(command.split("\\s+"));
    assertThatCode(
            () -> Main.commandLine(StartTimings.fromNow()).parseArgs(words.toArray(String[]::new)))
        .doesNotThrowAnyException();
    int scenario = words.get(0).equals("privacy") ? 2 : 1;
    if (OF_A_SCENARIO.contains(words.get(0)) || words.contains("explain")) {
      List<String> settings = new ArrayList<>();
      for (int i = 0; i < words.size(); i++) {
        if (words.get(i).equals("--set")) {
          settings.add(words.get(i + 1));
        }
      }
      Path file = Path.of(words.get(scenario));
      assertThatCode(() -> ConfigLoader.load(file, settings)).doesNotThrowAnyException();
    }
  }
}
