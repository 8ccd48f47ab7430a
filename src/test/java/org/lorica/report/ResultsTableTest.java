package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTableTest {
  @TempDir private Path dir;

  private static CellResult done(int clients, double accuracy) {
    return new CellResult(
        "d" + clients,
        CellResult.Status.DONE,
        "",
        Map.of("clients.count", "" + clients),
        Map.of("test-accuracy", accuracy));
  }

  private static final CellResult FAILED =
      CellResult.failed("x", Map.of("clients.count", "7"), "must be >= 1, got \"a|b\"\nsecond");

  @Test
  void csvKeepsFullPrecisionAndQuotesWhatItMust() {
    assertThat(new ResultsTable(List.of(done(10, 1.0 / 3), FAILED)).csv())
        .isEqualTo(
            "clients.count,status,test-accuracy,message\n"
                + "10,done,0.3333333333333333,\n"
                + "7,failed,,\"must be >= 1, got \"\"a|b\"\"\nsecond\"\n");
  }

  @Test
  void markdownIsATableWhateverAMessageHolds() {
    assertThat(new ResultsTable(List.of(done(10, 1.0 / 3), FAILED)).markdown())
        .isEqualTo(
            "| clients.count | status | test-accuracy | message |\n"
                + "|---|---|---|---|\n"
                + "| 10 | done | 0.3333 |  |\n"
                + "| 7 | failed |  | must be >= 1, got \"a\\|b\" second |\n");
  }

  @Test
  void aResultIsReadAsItWasWritten() throws IOException {
    Path file = dir.resolve("cell.json");
    done(3, 0.25).write(file);
    assertThat(CellResult.read(file)).isEqualTo(done(3, 0.25));
    Files.writeString(file, "{\"digest\":");
    assertThatThrownBy(() -> CellResult.read(file)).hasMessageContaining("cell.json: expected");
  }

  @Test
  void figuresShowWhatIsThere() throws IOException {
    List<CellResult> results = new ArrayList<>();
    for (int clients : new int[] {10, 100, 1000}) {
      for (String strategy : List.of("ffa", "fedask")) {
        results.add(
            new CellResult(
                "d",
                CellResult.Status.DONE,
                "",
                Map.of("clients.count", "" + clients, "strategy.name", strategy),
                Map.of(
                    "test-accuracy", 0.1 * Math.log10(clients), "seconds-train", 1.0 * clients)));
      }
    }
    List<Path> files = SweepFigures.write(dir, results);
    assertThat(files.stream().map(f -> f.getFileName().toString()))
        .containsExactly("seconds.png", "bytes.png", "accuracy.png");
    for (Path file : files) {
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(900);
    }
    results.replaceAll(
        r -> new CellResult("d", r.status(), "", r.settings(), Map.of("test-accuracy", 0.5)));
    Path other = Files.createDirectory(dir.resolve("other"));
    SweepFigures.write(other, results);
    assertThat(Files.mismatch(dir.resolve("accuracy.png"), other.resolve("accuracy.png")))
        .isNotEqualTo(-1);
    assertThat(SweepFigures.write(dir, List.of(done(3, 1), FAILED))).as("nothing varies").isEmpty();
  }
}
