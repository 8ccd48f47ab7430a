package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.CompareConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.report.ComparisonRow;
import org.lorica.report.ComparisonTable;
import org.lorica.report.PairedDifferences;
import org.lorica.report.PrivacyStatement;

/** The order of runs and what is made of them; the runs themselves are formulas. */
class ComparisonTest {
  @TempDir private Path dir;

  private CompareConfig config(String more) throws IOException {
    Path scenario = Files.writeString(dir.resolve("s.conf"), "lorica.model.path = m\n");
    Path file =
        Files.writeString(
            dir.resolve("c.conf"),
            """
            compare {
              name = c
              out = "%s"
              scenario = "%s"
              rates = [[1, 1], [2, 3]]
              methods = [
                { name = one, set { strategy.name = fedavg } }
                { name = two, set { strategy.name = ffa }, rates = [[5, 5]], except = [none] }
              ]
              epsilons = [3, none]
              seeds = [1, 2]
              tune-seed = 9
              %s
            }
            """
                .formatted(dir, scenario, more));
    return CompareConfig.load(file, List.of());
  }

  /** Loss: the better the greater B's rate; with seed 2 it is 0.2 more than with seed 1. */
  private static Map<String, Double> formula(LoadedConfig run) {
    double loss = 10 - run.run().optimizer().learningRateB() + 0.2 * run.run().general().seed();
    return Map.of(
        "test-loss", loss,
        "test-accuracy", 0.5,
        "bytes-up", 100.0,
        "bytes-down", 200.0,
        "client-rounds", 10.0,
        "rounds", 4.0,
        "seconds-driver", 2.0,
        "peak-heap-mib", 7.0,
        "epsilon", 3.0);
  }

  private List<ComparisonRow> rows(CompareConfig config, AtomicInteger count) {
    CellRunner cells =
        new CellRunner(config.scenario(), config.overrides(), config.target().folder());
    Comparison comparison =
        new Comparison(
            config,
            cells,
            (run, folder) -> {
              count.incrementAndGet();
              return formula(run);
            },
            new PrintWriter(new StringWriter()));
    assertThat(comparison.runs()).isEqualTo(2 * (2 + 2) + 2);
    List<ComparisonRow> rows = comparison.rows(some -> {});
    assertThat(comparison.failures()).isEmpty();
    return rows;
  }

  @Test
  void stepSizesAreTunedOnTheirOwnSeedAndTheRestIsMeanAndStandardError() throws IOException {
    AtomicInteger count = new AtomicInteger();
    List<ComparisonRow> rows = rows(config(""), count);
    assertThat(count).hasValue(10);
    assertThat(rows).hasSize(3);
    ComparisonRow first = rows.get(0);
    assertThat(first.setting().rates()).isEqualTo("2 / 3");
    assertThat(first.loss().mean()).isCloseTo(10 - 3 + 0.3, within(1e-12));
    assertThat(first.loss().error()).isCloseTo(0.1, within(1e-12)); // |0.2|/2 for two values
    assertThat(first.cost().bytesUp()).isEqualTo(10);
    assertThat(first.cost().driverSeconds()).isEqualTo(0.5);
    assertThat(rows.stream().map(r -> r.setting().method() + r.setting().budget()))
        .containsExactly("one3", "two3", "onenone");
    ComparisonTable table = new ComparisonTable(rows);
    assertThat(table.csv().lines().toList())
        .hasSize(4)
        .allMatch(l -> l.split(",", -1).length == 15);
    assertThat(table.markdown()).contains("| one | 50.0 ± 0.0 | 7.300 ± 0.100 | 3.00 | 2 / 3 |");
  }

  @Test
  void differencesFromTheBaselineArePairedBySeed() throws IOException {
    List<ComparisonRow> rows = new ArrayList<>(rows(config("baseline = one"), new AtomicInteger()));
    String text = new PairedDifferences("one", rows).markdown();
    // the seeds' losses differ by 0.2, the methods' by their tuned rates: 0 error when paired
    assertThat(text).contains("| method | ε = 3, as given | ε = none, as given |");
    assertThat(text.lines().filter(l -> l.startsWith("| two |")).toList())
        .singleElement()
        .asString()
        .matches("\\| two \\| [+-]\\d\\.\\d{3} ± 0\\.000 \\| – \\|");
    rows.removeIf(row -> row.setting().method().equals("one"));
    assertThat(new PairedDifferences("one", rows).markdown()).isEmpty();
    assertThatThrownBy(() -> config("baseline = three"))
        .hasMessageContaining("compare.baseline")
        .hasMessageContaining("[one, two]");
  }

  @Test
  void anEpsilonThatLeavesTheSelectionOutIsMarkedAndExplained() {
    ComparisonRow.Figure figure =
        new ComparisonRow.Figure("accuracy", new TreeMap<>(Map.of(1L, 0.5)));
    List<ComparisonRow> rows = new ArrayList<>();
    for (String method : List.of("safe", "unsafe")) {
      rows.add(
          new ComparisonRow(
              new ComparisonRow.Setting(method, "3", "iid", "1", 2),
              figure,
              figure,
              new ComparisonRow.Cost(1, 2, 3, 4),
              new ComparisonRow.Spent(
                  OptionalDouble.of(3),
                  method.equals("safe")
                      ? List.of()
                      : List.of(PrivacyStatement.SELECTION_NOT_COVERED))));
    }
    String text = new ComparisonTable(rows).markdown();
    assertThat(text.lines().filter(l -> l.contains("| 3.00 \\* |")).toList())
        .hasSize(1)
        .allMatch(l -> l.startsWith("| unsafe |"));
    assertThat(text).contains("\\* " + PrivacyStatement.SELECTION_NOT_COVERED);
    assertThat(new ComparisonTable(rows.subList(0, 1)).markdown()).doesNotContain("\\*");
  }

  @Test
  void finishedRunsAreNotRunAgain() throws IOException {
    AtomicInteger count = new AtomicInteger();
    List<ComparisonRow> rows = rows(config(""), count);
    assertThat(rows(config(""), count)).isEqualTo(rows);
    assertThat(count).hasValue(10);
  }

  @Test
  void wrongFilesAreRefusedWithTheKey() throws IOException {
    assertThatThrownBy(() -> config("tune-seed = 2")).hasMessageContaining("compare.tune-seed");
    assertThatThrownBy(() -> config("epsilons = [x]")).hasMessageContaining("compare.epsilons");
    assertThatThrownBy(() -> config("rates = [1]")).hasMessageContaining("compare.rates");
    assertThatThrownBy(() -> config("colour = red")).hasMessageContaining("compare.colour");
    assertThatThrownBy(() -> config("set { strategy.nam = x }"))
        .hasMessageContaining("strategy.nam");
  }

  @Test
  void aKeyThatNoRunCanReadIsRefusedBeforeTheFirst() throws IOException {
    CompareConfig good = config("");
    Path folder = good.target().folder();
    CellRunner cells = new CellRunner(good.scenario(), good.overrides(), folder);
    Comparison.requireReadable(good, cells);
    CellRunner wrong = new CellRunner(good.scenario(), List.of("privacy.delt=1e-5"), folder);
    assertThatThrownBy(() -> Comparison.requireReadable(good, wrong))
        .hasMessageContaining("one · ε 3")
        .hasMessageContaining("privacy.delt");
    assertThat(folder).doesNotExist();
  }

  @Test
  void theProjectsComparisonsAreReadable() {
    for (String name : List.of("compare-methods", "compare-shakespeare")) {
      CompareConfig config = CompareConfig.load(Path.of("conf", name + ".conf"), List.of());
      assertThat(config.methods()).hasSize(15);
      assertThat(Files.isRegularFile(config.scenario())).isTrue();
    }
  }
}
