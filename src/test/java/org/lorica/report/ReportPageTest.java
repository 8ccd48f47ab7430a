package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.figure.Chart;

class ReportPageTest {
  @TempDir private Path dir;
  private ReportPage page;
  private String html;

  @BeforeEach
  void write() throws IOException {
    page = ReportPage.of(List.of(SampleFolders.run(dir.resolve("a<b>"), "fedask", "8", 0.4)));
    Path file = dir.resolve("out/report.html");
    page.write(file);
    html = Files.readString(file);
  }

  @Test
  void nothingIsFetchedFromElsewhere() {
    assertThat(html).contains("default-src 'none'");
    Matcher references =
        Pattern.compile("<(?:script|link|img|iframe)[^>]*(?:src|href)\\s*=|@import|url\\(")
            .matcher(html.replaceAll("(?s)<script>.*?</script>", ""));
    assertThat(references.find()).isFalse();
  }

  @Test
  void everyChartHasItsNumbersAndItsPlace() throws IOException {
    Matcher data =
        Pattern.compile("(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(html);
    assertThat(data.find()).isTrue();
    JsonNode tree = Json.tree(data.group(1));
    long charts = page.figures().stream().filter(f -> f instanceof Chart).count();
    assertThat(tree.path("charts").size()).isEqualTo((int) charts);
    for (JsonNode chart : tree.path("charts")) {
      assertThat(html).contains("<canvas id=\"" + chart.path("caption").path("id").asText() + "\"");
      assertThat(chart.path("series").path(0).path("points").size()).isEqualTo(3);
    }
  }

  @Test
  void namesCannotBecomeMarkup() {
    assertThat(html).contains("a&lt;b&gt;").doesNotContain("a<b>");
    assertThat(html).contains("&lt;sv&gt;").doesNotContain("<sv>");
  }

  @Test
  void tellsHowToRunItAgainAndWhatIsPromised() {
    assertThat(html)
        .contains("./submit/lorica train &#39;conf/a b.conf&#39; --set privacy.epsilon=8")
        .contains("ε = 6.00 at δ = 1e-5")
        .contains("Formal guarantee: none, the seed is known.")
        .contains("Not covered: the choice of settings.")
        .contains("java 17")
        .contains("privacy.epsilon")
        .contains("The MIT License"); // of the embedded library
  }

  @Test
  void nothingHalfWrittenIsLeft() throws IOException {
    try (var files = Files.list(dir.resolve("out"))) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("report.html");
    }
  }
}
