package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.HeatMap;

class RunFiguresTest {
  @TempDir private Path dir;

  private static List<String> ids(List<Figure> figures) {
    return figures.stream().map(f -> f.caption().id()).toList();
  }

  private static Chart chart(List<Figure> figures, String id) {
    return (Chart) figures.stream().filter(f -> f.caption().id().equals(id)).findFirst().get();
  }

  private List<Figure> of(Path... folders) {
    return ReportPage.of(List.of(folders)).figures();
  }

  @Test
  void aRunHasItsCurvesWithTheTargetOfEpsilon() throws IOException {
    List<Figure> figures = of(SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4));
    assertThat(ids(figures))
        .containsExactly("metric", "loss", "epsilon", "bytes", "seconds", "partition");
    assertThat(chart(figures, "metric").series().get(0).points())
        .extracting(Chart.Point::y)
        .containsExactly(20.0, 30.0, 40.0);
    Chart epsilon = chart(figures, "epsilon");
    assertThat(epsilon.series()).hasSize(2);
    assertThat(epsilon.series().get(1).style()).isEqualTo(Chart.Style.REFERENCE);
    assertThat(epsilon.series().get(1).points()).allMatch(p -> p.y() == 8);
    assertThat(chart(figures, "seconds").form()).isEqualTo(Chart.Form.STACKED_BARS);
    // the driver's seconds are a share of those of aggregation
    assertThat(chart(figures, "seconds").series())
        .extracting(Chart.Series::name)
        .containsExactly("train", "aggregate");
  }

  @Test
  void theHeatMapIsThePartition() throws IOException {
    List<Figure> figures = of(SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4));
    HeatMap map = (HeatMap) figures.get(figures.size() - 1);
    assertThat(map.values()).containsExactly(List.of(5.0, 0.0), List.of(1.0, 7.0));
    assertThat(map.columns().names()).containsExactly("da", "<sv>");
  }

  @Test
  void nothingUnnoisedIsShownUnlessTheRunIsASimulation() throws IOException {
    Path folder = SampleFolders.run(dir.resolve("s"), "fedask", "8", 0.4, "secure");
    ReportPage page = ReportPage.of(List.of(folder));
    assertThat(ids(page.figures())).doesNotContain("partition");
    assertThat(chart(page.figures(), "loss").series()).hasSize(1);
    for (ReportPage.Mode mode : ReportPage.Mode.values()) {
      assertThat(page.html(mode)).doesNotContain("1.2345");
      assertThat(page.data(mode)).doesNotContain("1.2345").doesNotContain("training");
    }
  }

  @Test
  void theSameFiguresOfASimulationAreShown() throws IOException {
    Path folder = SampleFolders.run(dir.resolve("s"), "fedask", "8", 0.4);
    assertThat(ReportPage.of(List.of(folder)).html(ReportPage.Mode.FILE)).contains("1.2345");
  }

  @Test
  void diagnosticsAreDrawnAndMarkedAsUncovered() throws IOException {
    List<Figure> figures = of(SampleFolders.diagnosed(dir.resolve("d"), "simulation"));
    Chart errors = chart(figures, "diagnostic-errors");
    assertThat(errors.caption().note()).contains("un-noised").contains("ε does not cover");
    assertThat(errors.y().scale()).isEqualTo(Chart.Scale.LOG);
    assertThat(errors.series())
        .extracting(Chart.Series::name) // no sketch was measured
        .containsExactly("averaged factors", "as made", "best of its rank");
    assertThat(errors.series().get(0).points())
        .containsExactly(Chart.Point.of(1, 0.9876), Chart.Point.of(3, 0.9876));
    assertThat(errors.series().get(1).points()) // 0 has no logarithm
        .containsExactly(Chart.Point.of(3, 0.01));
    Chart cosines = chart(figures, "diagnostic-cosines");
    assertThat(cosines.caption().note()).contains("ε does not cover");
    assertThat(cosines.series()).extracting(Chart.Series::name).containsExactly("changes of B");
    assertThat(cosines.series().get(0).points()).extracting(Chart.Point::y).containsOnly(-0.25);
  }

  @Test
  void diagnosticsAreDrawnOfSimulationsOnly() throws IOException {
    Path kept = SampleFolders.diagnosed(dir.resolve("kept"), "secure");
    ReportPage page = ReportPage.of(List.of(kept));
    assertThat(ids(page.figures())).doesNotContain("diagnostic-errors", "diagnostic-cosines");
    assertThat(page.html(ReportPage.Mode.FILE)).doesNotContain("0.9876");

    Path shown = SampleFolders.diagnosed(dir.resolve("shown"), "simulation");
    Path without = SampleFolders.run(dir.resolve("without"), "ffa", "8", 0.4);
    assertThat(chart(of(kept, shown, without), "diagnostic-cosines").series())
        .singleElement()
        .satisfies(s -> assertThat(s.name()).contains("shown").endsWith(", changes of B"));
  }

  @Test
  void severalRunsAreComparedByMethodAndBudget() throws IOException {
    List<Figure> figures =
        of(
            SampleFolders.run(dir.resolve("a"), "fedask", "1", 0.30),
            SampleFolders.run(dir.resolve("b"), "fedask", "8", 0.50),
            SampleFolders.run(dir.resolve("c"), "fedask", "8", 0.54),
            SampleFolders.run(dir.resolve("d"), "ffa", "8", 0.40));
    Chart comparison = chart(figures, "comparison");
    assertThat(comparison.series()).extracting(Chart.Series::name).containsExactly("fedask", "ffa");
    Chart.Point two = comparison.series().get(0).points().get(1);
    assertThat(two.x()).isEqualTo(8);
    assertThat(two.y()).isCloseTo(52, within(1e-9));
    // standard error of {50, 54}: sqrt(8) / sqrt(2) = 2
    assertThat(two.error().getAsDouble()).isCloseTo(2, within(1e-9));
    assertThat(comparison.series().get(0).points().get(0).error()).isEmpty();
    assertThat(chart(figures, "metric").series()).hasSize(4);
    assertThat(chart(figures, "seconds").series().get(0).points()).allMatch(p -> p.y() == 2.5);
  }

  @Test
  void aSweepIsDrawnAgainstItsClientsWithSeedsAveraged() throws IOException {
    List<Figure> figures = of(SampleFolders.sweep(dir.resolve("sweep")));
    assertThat(ids(figures)).containsExactly("sweep-metric", "sweep-seconds", "sweep-bytes");
    Chart metric = chart(figures, "sweep-metric");
    assertThat(metric.series()).extracting(Chart.Series::name).containsExactly("fedask", "fedavg");
    Chart.Point point = metric.series().get(0).points().get(0);
    assertThat(point.x()).isEqualTo(10);
    assertThat(point.y()).isCloseTo(65, within(1e-9));
    assertThat(point.error().getAsDouble()).isCloseTo(5, within(1e-9));
    assertThat(chart(figures, "sweep-seconds").series().get(0).points())
        .extracting(Chart.Point::y)
        .containsExactly(11.0, 101.0);
  }

  @Test
  void aComparisonIsDrawnFromItsTable() throws IOException {
    ComparisonRow.Cost cost = new ComparisonRow.Cost(1, 2, 3, 4);
    List<ComparisonRow> rows =
        List.of(
            row("fedask", "1", 0.3, cost),
            row("fedask", "8", 0.5, cost),
            row("ffa", "none", 0.6, cost));
    Path folder = Files.createDirectories(dir.resolve("comparison"));
    Files.writeString(folder.resolve("comparison.csv"), new ComparisonTable(rows).csv());
    Chart chart = (Chart) of(folder).get(0);
    List<Chart.Point> points = chart.series().get(0).points();
    assertThat(points).extracting(Chart.Point::y).containsExactly(0.3, 0.5);
    assertThat(points.get(0).error().getAsDouble()).isCloseTo(0.01, within(1e-12));
    assertThat(chart.series().get(1).name()).isEqualTo("ffa, no privacy");
  }

  /** Of two seeds. */
  private static ComparisonRow.Figure figure(String name, double mean, double error) {
    return new ComparisonRow.Figure(
        name, new TreeMap<>(Map.of(1L, mean - error, 2L, mean + error)));
  }

  private static ComparisonRow row(
      String method, String budget, double metric, ComparisonRow.Cost cost) {
    return new ComparisonRow(
        new ComparisonRow.Setting(method, budget, "iid", "A 0.1, B 0.1", 2),
        figure("accuracy", metric, 0.01),
        figure("loss", 1, 0.1),
        cost,
        ComparisonRow.Spent.NOTHING_CLAIMED);
  }

  @Test
  void canariesOfAnAuditAreDrawn() throws IOException {
    Path folder = Files.createDirectories(dir.resolve("audit"));
    CanaryHistogram histogram =
        CanaryHistogram.of(List.of(1.0, 2.0, 3.0), List.of(-1.0, -2.0, -3.0));
    Files.writeString(
        folder.resolve("audit.json"),
        "{\"verdict\":\"PASS\",\"result\":{\"claim\":{\"epsilon\":8}},\"canaries\":"
            + Json.line(histogram).strip()
            + "}");
    Chart chart = (Chart) of(folder).get(0);
    assertThat(chart.form()).isEqualTo(Chart.Form.HISTOGRAM);
    assertThat(chart.caption().title()).startsWith("PASS: claimed ε = 8.00");
    double inTheData = chart.series().get(1).points().stream().mapToDouble(Chart.Point::y).sum();
    assertThat(inTheData).isEqualTo(3);
    assertThat(chart.series().get(1).points().stream().filter(p -> p.y() > 0))
        .allMatch(p -> p.x() > 0);
  }
}
