package org.lorica.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GridTest {
  private static final Path QUICKSTART = Path.of("conf/quickstart.conf");

  @TempDir private Path dir;

  private SweepConfig sweep(String body) throws IOException {
    Path file = dir.resolve("sweep.conf");
    Files.writeString(file, "sweep {\n name = s\n scenario = \"a.conf\"\n" + body + "\n}\n");
    return SweepConfig.load(file, List.of());
  }

  @Test
  void everyCombinationIsACellAndTheLastAxisRunsFastest() {
    Grid grid =
        new Grid(
            List.of(
                Grid.Axis.of("lorica.clients.count", List.of(10, 20)),
                Grid.Axis.of("strategy.name", List.of("ffa", "fedask", "fedavg"))));
    assertThat(grid.cells()).hasSize(6);
    assertThat(grid.cells().get(4).index()).isEqualTo(4);
    assertThat(grid.cells().get(4).overrides())
        .containsExactly("clients.count=20", "strategy.name=fedask");
  }

  @Test
  void keysOfOneAxisChangeTogether() throws IOException {
    SweepConfig sweep =
        sweep(
            "axes = [ { clients.count = [10, 20], federation.clients-per-round = [5, 20] },"
                + " { privacy.epsilon = [8] } ]");
    assertThat(sweep.grid().cells()).hasSize(2);
    assertThat(sweep.grid().cells().get(1).overrides())
        .containsExactly(
            "clients.count=20", "federation.clients-per-round=20", "privacy.epsilon=8");
    assertThat(sweep.scenario()).isEqualTo(dir.resolve("a.conf"));
  }

  @Test
  void textsNumbersAndListsReachTheScenarioAsTheyAre() throws IOException {
    SweepConfig sweep =
        sweep(
            "set { lora.target-modules = [\"query\"], name = \"7\" }\n"
                + "axes = [ { strategy.name = [ffa] }, { optimizer.learning-rate = [0.25] },"
                + " { seed = [3] } ]");
    List<String> all = new java.util.ArrayList<>(sweep.overrides());
    all.addAll(sweep.grid().cells().get(0).overrides());
    RunConfig run = ConfigLoader.load(QUICKSTART, all).run();
    assertThat(run.lora().targetModules()).containsExactly("query");
    assertThat(run.general().name()).isEqualTo("7");
    assertThat(run.general().seed()).isEqualTo(3);
    assertThat(run.strategy().name()).isEqualTo("ffa");
    assertThat(run.optimizer().learningRateA()).isEqualTo(0.25);
  }

  @Test
  void whatCannotBeAGridIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> sweep("axes = [ { clients.cuont = [1] } ]"))
        .hasMessageContaining(
            "unknown key lorica.clients.cuont; did you mean lorica.clients.count");
    assertThatThrownBy(() -> sweep("axes = [ { clients.count = 3 } ]"))
        .hasMessageContaining("sweep.conf: line 4")
        .hasMessageContaining("clients.count on an axis must be a list of values, got 3");
    assertThatThrownBy(() -> sweep("axes = [ { clients.count = [1, 2], seed = [1] } ]"))
        .hasMessageContaining("equally many values");
    assertThatThrownBy(() -> sweep("axes = [ { seed = [1] }, { lorica.seed = [2] } ]"))
        .hasMessageContaining("must name a key once, got seed");
    assertThatThrownBy(() -> sweep("axis = []")).hasMessageContaining("unknown key sweep.axis");
    assertThatThrownBy(() -> sweep("axes = []")).hasMessageContaining("at least one axis");
    assertThatThrownBy(() -> sweep("out = x")).hasMessageContaining("sweep.axes must be set");
  }

  @Test
  void theDigestForgetsNameAndPlaceAndNothingElse() {
    String digest = Grid.digest(ConfigLoader.load(QUICKSTART, List.of()));
    assertThat(digest).matches("[0-9a-f]{16}");
    assertThat(Grid.digest(ConfigLoader.load(QUICKSTART, List.of("name=x", "out=y"))))
        .isEqualTo(digest);
    for (String key : List.of("seed=7", "privacy.epsilon=7.5", "clients.count=41")) {
      assertThat(Grid.digest(ConfigLoader.load(QUICKSTART, List.of(key)))).isNotEqualTo(digest);
    }
  }
}
