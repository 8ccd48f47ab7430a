package org.lorica.report.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.report.figure.Chart.Axis;
import org.lorica.report.figure.Chart.Form;
import org.lorica.report.figure.Chart.Point;
import org.lorica.report.figure.Chart.Series;
import org.lorica.report.figure.Figure.Caption;

class PaperFiguresTest {
  @TempDir private Path dir;

  private static final List<Series> TWO =
      List.of(
          Series.measured(
              "first",
              List.of(
                  new Point(1, 2, OptionalDouble.of(0.5)),
                  new Point(8, 3, OptionalDouble.empty()))),
          Series.level("level", 2.5, 1, 8));

  private static Chart chart(Form form, Axis x) {
    return new Chart(
        new Caption(
            form.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), "A title", ""),
        form,
        x,
        Axis.linear("height"),
        TWO);
  }

  /** A picture of one colour shows nothing. */
  @Test
  void everyKindIsDrawnAsPngAndAsSvg() throws Exception {
    List<Figure> figures =
        List.of(
            chart(Form.LINES, Axis.log("ε")),
            chart(Form.STACKED_BARS, Axis.linear("round")),
            chart(Form.HISTOGRAM, Axis.linear("score")),
            new HeatMap(
                new Caption("map", "A map", ""),
                new HeatMap.Labels("client", List.of("0", "1")),
                new HeatMap.Labels("label", List.of("a", "b", "c")),
                List.of(List.of(1.0, 0.0, 2.0), List.of(0.0, 3.0, 0.0))));
    List<Path> files = PaperFigures.write(figures, dir.resolve("figures"));
    assertThat(files).hasSize(2 * figures.size());
    for (Path file : files) {
      if (file.toString().endsWith(".png")) {
        assertThat(colours(ImageIO.read(file.toFile()))).as(file.toString()).hasSizeGreaterThan(3);
      } else {
        assertThat(
                DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(
                        new java.io.ByteArrayInputStream(
                            withoutDoctype(file).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                    .getElementsByTagName("*")
                    .getLength())
            .as(file.toString())
            .isGreaterThan(20);
      }
    }
  }

  /** Decades from 1e-6 to 1 are equally far from each other: a straight line. */
  @Test
  void heightsMayBeLogarithmic() throws IOException {
    List<Point> points =
        List.of(Point.of(1, 1e-6), Point.of(2, 1e-4), Point.of(3, 1e-2), Point.of(4, 1));
    Chart chart =
        new Chart(
            new Caption("log", "A title", ""),
            Form.LINES,
            Axis.linear("round"),
            Axis.log("error"),
            List.of(Series.measured("s", points)));
    PaperFigures.write(List.of(chart), dir);
    List<Double> heights =
        Pattern.compile("<circle[^>]*cy=\"([0-9.]+)\"")
            .matcher(Files.readString(dir.resolve("log.svg")))
            .results()
            .map(m -> Double.parseDouble(m.group(1)))
            .toList();
    assertThat(heights).hasSizeGreaterThanOrEqualTo(4);
    double step = heights.get(0) - heights.get(1);
    assertThat(step).isGreaterThan(50);
    assertThat(heights.get(1) - heights.get(2)).isCloseTo(step, within(0.1));
    assertThat(heights.get(2) - heights.get(3)).isCloseTo(step, within(0.1));
  }

  /** A mean over one seed has no error: a bar of length 0 would claim that it is exact. */
  @Test
  void onlyPointsWithAnErrorHaveABar() throws IOException {
    int none = strokes(OptionalDouble.empty(), OptionalDouble.empty());
    int one = strokes(OptionalDouble.of(0.1), OptionalDouble.empty());
    int two = strokes(OptionalDouble.of(0.1), OptionalDouble.of(0.1));
    assertThat(one).isGreaterThan(none);
    assertThat(two - one).isEqualTo(one - none);
  }

  /** Lines drawn for a series of two points on axes of fixed length. */
  private int strokes(OptionalDouble first, OptionalDouble second) throws IOException {
    Chart chart =
        new Chart(
            new Caption("bars", "A title", ""),
            Form.LINES,
            Axis.linear("x"),
            Axis.linear("height"),
            List.of(
                Series.level("low", 0, 0, 10),
                Series.level("high", 10, 0, 10),
                Series.measured("s", List.of(new Point(3, 4, first), new Point(6, 5, second)))));
    PaperFigures.write(List.of(chart), dir);
    return (int)
        Pattern.compile("<(line|path|polyline) ")
            .matcher(Files.readString(dir.resolve("bars.svg")))
            .results()
            .count();
  }

  private static String withoutDoctype(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?s)<!DOCTYPE.*?>", ""); // would be looked up afar
  }

  private static Set<Integer> colours(BufferedImage image) {
    Set<Integer> found = new HashSet<>();
    for (int x = 0; x < image.getWidth(); x += 3) {
      for (int y = 0; y < image.getHeight(); y += 3) {
        found.add(image.getRGB(x, y));
      }
    }
    return found;
  }

  @Test
  void pointsWithoutAValueAreLeftOut() {
    Series series = Series.measured("x", List.of(Point.of(2, 1), Point.of(1, Double.NaN)));
    assertThat(series.points()).containsExactly(Point.of(2, 1));
  }
}
