package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.figure.Chart;
import org.lorica.testing.Browser;

/** The page in a real browser; skipped where there is none (LORICA_BROWSER names one). */
class ReportBrowserIT {
  private static final String DRAWN = "document.documentElement.dataset.charts !== undefined";

  /** Pixels of a canvas that are not empty. */
  private static final String INK =
      """
      (() => {
        const all = [...document.querySelectorAll('canvas')].map(c => {
          const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          let ink = 0;
          for (let i = 3; i < pixels.length; i += 4) ink += pixels[i] > 0 ? 1 : 0;
          return ink;
        });
        return Math.min(...all);
      })()
      """;

  private static Path profile;

  @TempDir private Path dir;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(
        Browser.program().isPresent(), "no Chromium on the path, and LORICA_BROWSER is not set");
    profile = Files.createTempDirectory("lorica-browser");
    browser = Browser.start(profile);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
      delete(profile);
    }
  }

  /** As far as it goes: a browser may write for a moment after its end. */
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      profile.toFile().deleteOnExit();
    }
  }

  private static void resize(Browser.Page page, int width, boolean mobile) throws Exception {
    page.call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 844, "deviceScaleFactor", 1, "mobile", mobile));
  }

  private static void scheme(Browser.Page page, String scheme) throws Exception {
    page.call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  private Path written(Path... folders) {
    Path file = dir.resolve("report.html");
    ReportPage.of(List.of(folders)).write(file);
    return file;
  }

  @Test
  void allChartsAreDrawnWithoutAScriptErrorAndWithoutTheNetwork() throws Exception {
    Path audit = Files.createDirectories(dir.resolve("audit"));
    Files.writeString(
        audit.resolve("audit.json"),
        "{\"verdict\":\"PASS\",\"canaries\":"
            + Json.line(CanaryHistogram.of(List.of(1.0, 2.0), List.of(-1.0, 0.0))).strip()
            + "}");
    Path[] folders = {
      SampleFolders.run(dir.resolve("a"), "fedask", "1", 0.3),
      SampleFolders.run(dir.resolve("b"), "fedask", "8", 0.4),
      SampleFolders.diagnosed(dir.resolve("c"), "simulation"),
      SampleFolders.sweep(dir.resolve("s")),
      audit
    };
    Path file = written(folders);
    long charts =
        ReportPage.of(List.of(folders)).figures().stream().filter(f -> f instanceof Chart).count();
    Browser.Page page = browser.open();
    page.visit(file.toUri(), DRAWN);
    assertThat(page.evaluate("document.documentElement.dataset.charts").asText())
        .isEqualTo(Long.toString(charts));
    assertThat(page.evaluate(INK).asInt()).isGreaterThan(500);
    assertThat(page.evaluate("document.querySelectorAll('table.heat td').length").asInt())
        .isEqualTo(4);
    assertThat(page.errors()).isEmpty();
    assertThat(page.requests()).allMatch(r -> r.startsWith("file:"));
  }

  /** Were this green with a broken script, the test above would prove nothing. */
  @Test
  void aBrokenPageIsCaught() throws Exception {
    Path file = written(SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4));
    Files.writeString(
        file, Files.readString(file).replace("new Chart(canvas, fresh)", "new Chaart(canvas)"));
    Browser.Page page = browser.open();
    page.visit(file.toUri(), "document.readyState === 'complete'");
    assertThat(page.errors()).isNotEmpty();
    assertThat(page.evaluate(DRAWN).asBoolean()).isFalse();
  }

  @Test
  void fitsAPhone() throws Exception {
    Path file = written(SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4));
    Browser.Page page = browser.open();
    resize(page, 390, true);
    page.visit(file.toUri(), DRAWN);
    assertThat(page.evaluate("document.documentElement.scrollWidth").asInt())
        .isLessThanOrEqualTo(390);
    assertThat(page.evaluate("document.querySelector('canvas').clientWidth").asInt())
        .isBetween(250, 390);
    assertThat(page.errors()).isEmpty();
  }

  @Test
  void followsTheColourScheme() throws Exception {
    Path file = written(SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4));
    Browser.Page page = browser.open();
    scheme(page, "light");
    page.visit(file.toUri(), DRAWN);
    String paper = "getComputedStyle(document.body).backgroundColor";
    assertThat(page.evaluate(paper).asText()).isEqualTo("rgb(255, 255, 255)");
    String line = "Chart.getChart('metric').data.datasets[0].borderColor";
    String light = page.evaluate(line).asText();
    scheme(page, "dark");
    page.waitFor(line + " !== '" + light + "'");
    assertThat(page.evaluate(paper).asText()).isEqualTo("rgb(20, 23, 26)");
    assertThat(page.errors()).isEmpty();
  }

  @Test
  void theLivePageFollowsTheRun() throws Exception {
    Path run = SampleFolders.run(dir.resolve("a"), "fedask", "8", 0.4);
    try (LiveReport live = LiveReport.start(() -> run, 0)) {
      Browser.Page page = browser.open();
      page.visit(live.address(), DRAWN);
      String points = "Chart.getChart('metric').data.datasets[0].data.length";
      assertThat(page.evaluate(points).asInt()).isEqualTo(3);
      Files.writeString(
          run.resolve("rounds.jsonl"),
          "{\"round\":4,\"rounds\":4,\"quality\":{\"metric\":\"accuracy\",\"metricValue\":0.9}}\n",
          StandardOpenOption.APPEND);
      page.waitFor(points + " === 4");
      assertThat(page.evaluate("document.getElementById('outcome').textContent").asText())
          .contains("accuracy 90.0 %");
      assertThat(page.requests()).allMatch(r -> r.startsWith(live.address().toString()));
    }
  }
}
