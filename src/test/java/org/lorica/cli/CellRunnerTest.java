package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.Grid;
import org.lorica.report.CellResult;

class CellRunnerTest {
  private static final Grid GRID =
      new Grid(
          List.of(
              Grid.Axis.of("clients.count", List.of(40, 80)),
              Grid.Axis.of("federation.clients-per-round", List.of(20, 50))));

  @TempDir private Path dir;
  private final List<String> ran = new ArrayList<>();

  private List<CellResult> runAll(CellRunner.Work work) {
    CellRunner runner = new CellRunner(Path.of("conf/quickstart.conf"), List.of("seed=5"), dir);
    return GRID.cells().stream()
        .map(cell -> runner.run(cell, work, started -> ran.add(started.label())))
        .toList();
  }

  private static CellRunner.Work writing() {
    return (config, folder) -> {
      write(folder, "note.txt");
      return Map.of("clients", (double) config.run().clients().count());
    };
  }

  private static void write(Path folder, String name) {
    try {
      Files.writeString(folder.resolve(name), "half");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aFinishedCellIsReadAndNotRunAgain() {
    List<CellResult> first = runAll(writing());
    assertThat(ran).hasSize(4);
    assertThat(first.get(0).figures()).containsEntry("clients", 40.0);
    assertThat(runAll(writing()).subList(2, 4)).isEqualTo(first.subList(2, 4));
    assertThat(ran).as("only the impossible cell is tried again").hasSize(5);
  }

  @Test
  void aFailedCellIsReportedAndTheOthersAreRun() {
    List<CellResult> results = runAll(writing());
    assertThat(results.stream().map(CellResult::done)).containsExactly(true, false, true, true);
    assertThat(results.get(1).message()).contains("clients-per-round must be <=");
    assertThat(results.get(1).settings()).containsEntry("federation.clients-per-round", "50");
  }

  @Test
  void aHalfWrittenCellIsThrownAwayAndRunAgain() throws IOException {
    List<CellResult> broken =
        runAll(
            (config, folder) -> {
              write(folder, "half.txt");
              throw new IllegalStateException("stopped in the middle");
            });
    assertThat(broken).noneMatch(CellResult::done);
    assertThat(broken.get(0).message()).isEqualTo("stopped in the middle");
    ran.clear();
    CellResult whole = runAll(writing()).get(0);
    assertThat(ran).hasSize(4);
    Path folder = dir.resolve("cells").resolve(whole.digest());
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("cell.json", "note.txt");
    }
    assertThat(folder.resolveSibling(whole.digest() + ".incomplete")).doesNotExist();
  }

  @Test
  void anotherSettingOfAllCellsIsAnotherCell() {
    runAll(writing());
    CellRunner other = new CellRunner(Path.of("conf/quickstart.conf"), List.of("seed=6"), dir);
    assertThat(other.finished(GRID.cells().get(0))).isEqualTo(Optional.empty());
  }

  @Test
  void whatFailsWhileTheProcessEndsIsNoCellsFailure() {
    CellRunner ending =
        new CellRunner(Path.of("conf/quickstart.conf"), List.of("seed=5"), dir, () -> true);
    assertThatThrownBy(
            () ->
                ending.run(
                    GRID.cells().get(0),
                    (config, folder) -> {
                      throw new IllegalStateException("SparkContext has been shutdown");
                    },
                    started -> {}))
        .hasMessage("SparkContext has been shutdown");
  }
}
