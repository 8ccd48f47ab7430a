package org.lorica.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at the picture: three methods, each in its third of the plot. */
class ComparisonFigureTest {
  private static final int LEFT = 90;
  private static final int RIGHT = 640;
  private static final int TOP = 45;
  private static final int BOTTOM = 430;

  @TempDir private Path dir;

  private static ComparisonRow row(String method, double... bySeed) {
    TreeMap<Long, Double> values = new TreeMap<>();
    for (double value : bySeed) {
      values.put((long) values.size(), value);
    }
    return new ComparisonRow(
        new ComparisonRow.Setting(method, "4", "iid", "0.1", bySeed.length),
        new ComparisonRow.Figure("accuracy", values),
        new ComparisonRow.Figure("loss", values),
        new ComparisonRow.Cost(1, 1, 1, 1),
        ComparisonRow.Spent.NOTHING_CLAIMED);
  }

  /** Colours in each method's third of the plot, without paper and grid lines. */
  private List<List<Color>> ink(List<ComparisonRow> rows) throws IOException {
    Path file = dir.resolve("figure.png");
    ComparisonFigure.write(file, rows, "");
    BufferedImage image = ImageIO.read(file.toFile());
    List<List<Color>> thirds = new ArrayList<>();
    for (int third = 0; third < 3; third++) {
      int width = (RIGHT - LEFT) / 3;
      List<Color> found = new ArrayList<>();
      for (int x = LEFT + third * width; x < LEFT + (third + 1) * width; x++) {
        for (int y = TOP; y < BOTTOM; y++) {
          Color colour = new Color(image.getRGB(x, y));
          int least = Math.min(colour.getRed(), Math.min(colour.getGreen(), colour.getBlue()));
          if (least < 150) {
            found.add(colour);
          }
        }
      }
      thirds.add(found);
    }
    return thirds;
  }

  @Test
  void aMethodWithoutAResultLeavesItsPlaceEmptyAndOneSeedHasNoErrorBar() throws IOException {
    List<List<Color>> ink =
        ink(
            List.of(
                row("fedavg", 0.7, 0.8), row("ffa"), row("fedask", 0.9))); // 0.9: above all bars
    assertThat(ink.get(0)).contains(Color.BLACK);
    assertThat(ink.get(1)).isEmpty();
    assertThat(ink.get(2)).isNotEmpty().doesNotContain(Color.BLACK);
  }

  @Test
  void oneSeedOfEveryMethodIsInsideThePicture() throws IOException {
    List<List<Color>> ink = ink(List.of(row("fedavg", 0.7), row("ffa", 0.8), row("fedask", 0.7)));
    assertThat(ink).allSatisfy(third -> assertThat(third).isNotEmpty());
    List<List<Color>> level = ink(List.of(row("fedavg", 0.7), row("ffa", 0.7), row("fedask", 0.7)));
    assertThat(level).allSatisfy(third -> assertThat(third).isNotEmpty());
  }
}
