package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.model.ClassNames;
import org.lorica.testing.TinyScenario;

/** A head answers by number: names of its classes in another order are another answer. */
class ClassOrderTest {
  @TempDir private Path dir;
  private TinyScenario scenario;

  @BeforeEach
  void write() throws IOException {
    scenario = TinyScenario.in(dir);
    Path data = dir.resolve("data.jsonl");
    String named =
        Files.readString(data)
            .replace("\"label\":0", "\"label\":\"bad\"")
            .replace("\"label\":1", "\"label\":\"fair\"")
            .replace("\"label\":2", "\"label\":\"good\"");
    Files.writeString(data, named);
    Path config = dir.resolve("model/config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst(
                "\\{", "{\"id2label\": {\"0\": \"Bad\", \"1\": \"Fair\", \"2\": \"Good\"}, "));
  }

  private Workbench workbench(String... settings) {
    return Workbench.shared(scenario.load(settings).resolvedHocon());
  }

  @Test
  void namesOfTheCheckpointsClassesStandInItsOrder() {
    assertThatThrownBy(() -> workbench("data.labels=[good, fair, bad]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "data.labels must be in the order of id2label",
            "config.json, [Bad, Fair, Good], got [good, fair, bad]");
    assertThat(workbench("data.labels=[bad, fair, good]").population().clients()).isEqualTo(9);
  }

  @Test
  void aFreshHeadHasNoOrderOfItsOwn() {
    assertThat(workbench("data.labels=[good, fair, bad]", "model.head-init=zero").model().outputs())
        .isEqualTo(3);
  }

  @Test
  void namesThatAreNotTheCheckpointsSayNothing() {
    Path model = dir.resolve("model");
    ClassNames.requireOrder(model, List.of("fair", "bad", "poor"), "--labels");
    ClassNames.requireOrder(model, List.of(), "--labels");
    ClassNames.requireOrder(dir, List.of("good", "fair", "bad"), "--labels");
    assertThatThrownBy(
            () -> ClassNames.requireOrder(model, List.of("fair", "bad", "good"), "--labels"))
        .hasMessageContaining("--labels must be in the order of id2label");
  }
}
