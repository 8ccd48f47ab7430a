package org.lorica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A message that docs/troubleshooting.md explains is one that the sources can say. */
class TroubleshootingTest {

  @Test
  void everyMessageOfThePageIsInTheSources() throws IOException {
    String sources = sources();
    List<String> messages =
        Files.readAllLines(Path.of("docs/troubleshooting.md")).stream()
            .filter(l -> l.startsWith("| `"))
            .map(l -> l.substring(3, l.indexOf('`', 3)))
            .toList();
    assertThat(messages).hasSizeGreaterThan(10);
    for (String message : messages) {
      for (String part : message.split("…", -1)) {
        assertThat(sources.contains(part.strip())).as(message + " (" + part + ")").isTrue();
      }
    }
  }

  /** Java with its texts joined, and the launchers. */
  private static String sources() throws IOException {
    try (Stream<Path> java = Files.walk(Path.of("src/main/java"));
        Stream<Path> launchers = Files.walk(Path.of("submit"))) {
      return Stream.concat(java, launchers)
          .filter(Files::isRegularFile)
          .map(TroubleshootingTest::text)
          .collect(Collectors.joining("\n"))
          .replaceAll("\"\\s*\\+\\s*\"", "");
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
