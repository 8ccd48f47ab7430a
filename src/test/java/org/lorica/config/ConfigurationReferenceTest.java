package org.lorica.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Run with {@code -Dlorica.docs=write} to write the page anew. */
class ConfigurationReferenceTest {
  private static final Path SOURCE = Path.of("src/main/resources/reference.conf");
  private static final Path PAGE = Path.of("docs/configuration.md");

  @Test
  void thePageIsUpToDate() throws IOException {
    String made = ConfigurationReference.of(Files.readAllLines(SOURCE));
    if ("write".equals(System.getProperty("lorica.docs"))) {
      Files.writeString(PAGE, made);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/configuration.md; write it anew: mvn test -Dtest=ConfigurationReferenceTest -Dlorica.docs=write")
        .isEqualTo(made);
  }

  @Test
  void everyKeyHasARowAndAnExplanation() throws IOException {
    List<String> rows =
        ConfigurationReference.of(Files.readAllLines(SOURCE))
            .lines()
            .filter(l -> l.startsWith("| `"))
            .toList();
    assertThat(rows).hasSize(leaves(ConfigLoader.reference().root()));
    assertThat(rows).noneMatch(row -> row.endsWith("|  |"));
  }

  private static int leaves(ConfigObject section) {
    return section.entrySet().stream()
        .mapToInt(
            e -> // an empty section takes names of the user's own
            e.getValue() instanceof ConfigObject inner && !inner.isEmpty() ? leaves(inner) : 1)
        .sum();
  }
}
