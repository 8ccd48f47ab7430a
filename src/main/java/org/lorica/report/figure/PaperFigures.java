package org.lorica.report.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;

/** Figures as files for a paper: {@code <id>.png} and {@code <id>.svg}, black on white. */
public final class PaperFigures {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;
  private static final int DPI = 200;
  private static final int MOST_IN_LEGEND = 12;

  /** Okabe and Ito's colours, which most people with a colour deficiency can tell apart. */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x6B6B6B),
          new Color(0xA08A00));

  private PaperFigures() {}

  /** Writes every figure into {@code folder}, which is made; returns the files. */
  public static List<Path> write(List<Figure> figures, Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      for (Figure figure : figures) {
        org.knowm.xchart.internal.chartpart.Chart<?, ?> drawn = drawn(figure);
        Path png = folder.resolve(figure.caption().id() + ".png");
        Path svg = folder.resolve(figure.caption().id() + ".svg");
        BitmapEncoder.saveBitmapWithDPI(drawn, png.toString(), BitmapEncoder.BitmapFormat.PNG, DPI);
        writeSvg(drawn, svg);
        files.add(png);
        files.add(svg);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write figures into " + folder, e);
    }
    return files;
  }

  private static org.knowm.xchart.internal.chartpart.Chart<?, ?> drawn(Figure figure) {
    if (figure instanceof HeatMap map) {
      return heatMap(map);
    }
    Chart chart = (Chart) figure;
    return chart.form() == Chart.Form.LINES ? lines(chart) : bars(chart);
  }

  private static XYChart lines(Chart chart) {
    XYChart drawn =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(chart.caption().title())
            .xAxisTitle(chart.x().label())
            .yAxisTitle(chart.y().label())
            .build();
    plain(drawn.getStyler());
    drawn.getStyler().setErrorBarsColorSeriesColor(true);
    drawn.getStyler().setLegendVisible(chart.series().size() <= MOST_IN_LEGEND);
    Ruler xs = new Ruler(chart.x().scale());
    Ruler ys = new Ruler(chart.y().scale());
    if (xs.isLog()) {
      drawn.setCustomXAxisTickLabelsFormatter(xs::label);
    }
    if (ys.isLog()) {
      drawn.setCustomYAxisTickLabelsFormatter(ys::label);
    }
    int index = 0;
    Names names = new Names();
    for (Chart.Series series : chart.series()) {
      if (series.points().isEmpty()) {
        continue;
      }
      List<Double> x = series.points().stream().map(p -> xs.place(p.x())).toList();
      List<Double> y = series.points().stream().map(p -> ys.place(p.y())).toList();
      XYSeries line = drawn.addSeries(names.unused(series.name()), x, y);
      boolean reference = series.style() == Chart.Style.REFERENCE;
      Color colour = COLOURS.get(index++ % COLOURS.size());
      line.setLineColor(reference ? Color.DARK_GRAY : colour);
      line.setMarkerColor(colour);
      line.setLineStyle(reference ? dashed() : new BasicStroke(2));
      line.setMarker(reference || x.size() > 40 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
      List<Chart.Point> known =
          series.points().stream().filter(p -> p.error().isPresent()).toList();
      if (!ys.isLog() && !known.isEmpty()) { // equal halves have no place on a logarithmic height
        XYSeries bars =
            drawn.addSeries(
                names.unused(series.name() + ", errors"),
                known.stream().map(p -> xs.place(p.x())).toList(),
                known.stream().map(Chart.Point::y).toList(),
                known.stream().map(p -> p.error().getAsDouble()).toList());
        bars.setLineColor(line.getLineColor());
        bars.setLineStyle(SeriesLines.NONE);
        bars.setMarker(SeriesMarkers.NONE);
        bars.setShowInLegend(false);
      }
    }
    return drawn;
  }

  /** Places on an axis. XChart's own logarithmic axis names decades only. */
  private record Ruler(Chart.Scale scale) {
    boolean isLog() {
      return scale == Chart.Scale.LOG;
    }

    double place(double value) {
      return isLog() ? Math.log10(value) : value;
    }

    /** Of a place on a logarithmic axis. */
    String label(double place) {
      double value = Math.pow(10, place);
      return value >= 100
          ? String.format(Locale.ROOT, "%.0f", value)
          : String.format(Locale.ROOT, "%.2g", value);
    }
  }

  private static BasicStroke dashed() {
    return new BasicStroke(
        1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 10, new float[] {6, 4}, 0);
  }

  private static CategoryChart bars(Chart chart) {
    CategoryChart drawn =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(chart.caption().title())
            .xAxisTitle(chart.x().label())
            .yAxisTitle(chart.y().label())
            .build();
    plain(drawn.getStyler());
    boolean stacked = chart.form() == Chart.Form.STACKED_BARS;
    drawn.getStyler().setStacked(stacked);
    drawn.getStyler().setOverlapped(!stacked);
    drawn.getStyler().setAvailableSpaceFill(stacked ? 0.8 : 1);
    drawn.getStyler().setXAxisMaxLabelCount(12);
    List<Double> all = chart.allX();
    int index = 0;
    Names names = new Names();
    for (Chart.Series series : chart.series()) {
      Map<Double, Double> heights = new HashMap<>();
      series.points().forEach(p -> heights.put(p.x(), p.y()));
      Color colour = COLOURS.get(index++ % COLOURS.size());
      drawn
          .addSeries(
              names.unused(series.name()),
              all.stream().map(PaperFigures::shown).toList(),
              all.stream().map(x -> heights.getOrDefault(x, 0.0)).toList())
          .setFillColor(
              stacked
                  ? colour
                  : new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 150));
    }
    return drawn;
  }

  /** A number as a category: whole where it is, else four digits. */
  private static String shown(double x) {
    return x == Math.rint(x)
        ? String.format(Locale.ROOT, "%.0f", x)
        : String.format(Locale.ROOT, "%.4g", x);
  }

  private static HeatMapChart heatMap(HeatMap map) {
    HeatMapChart drawn =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(Math.max(HEIGHT, 140 + 14 * map.rows().names().size()))
            .title(map.caption().title())
            .xAxisTitle(map.columns().title())
            .yAxisTitle(map.rows().title())
            .build();
    plain(drawn.getStyler());
    drawn.getStyler().setXAxisLabelRotation(60);
    drawn.getStyler().setRangeColors(new Color[] {Color.WHITE, COLOURS.get(0)});
    drawn.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    List<Number[]> cells = new ArrayList<>();
    int rows = map.rows().names().size();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < map.columns().names().size(); column++) {
        // the first row at the top, as in a table
        cells.add(new Number[] {column, rows - 1 - row, map.values().get(row).get(column)});
      }
    }
    List<String> upwards = new ArrayList<>(map.rows().names());
    java.util.Collections.reverse(upwards);
    drawn.addSeries(map.columns().title(), map.columns().names(), upwards, cells);
    return drawn;
  }

  private static void plain(Styler styler) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
    styler.setChartTitleFont(font.deriveFont(Font.BOLD, 17f));
    styler.setLegendFont(font);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    if (styler instanceof org.knowm.xchart.style.AxesChartStyler axes) {
      axes.setAxisTitleFont(font);
      axes.setAxisTickLabelsFont(font.deriveFont(13f));
      axes.setPlotGridLinesColor(new Color(0xDDDDDD));
      axes.setLocale(Locale.ROOT);
    }
  }

  private static void writeSvg(org.knowm.xchart.internal.chartpart.Chart<?, ?> drawn, Path file)
      throws IOException {
    SVGGraphics2D svg = new SVGGraphics2D(emptyDocument());
    svg.setSVGCanvasSize(new java.awt.Dimension(drawn.getWidth(), drawn.getHeight()));
    drawn.paint(svg, drawn.getWidth(), drawn.getHeight());
    try (Writer writer =
        new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8)) {
      svg.stream(writer, true);
    }
  }

  private static Document emptyDocument() {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument("http://www.w3.org/2000/svg", "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("this JDK makes no XML documents", e);
    }
  }

  /** XChart refuses two series of one name. */
  private static final class Names {
    private final Map<String, Integer> seen = new HashMap<>();

    String unused(String name) {
      int count = seen.merge(name, 1, Integer::sum);
      return count == 1 ? name : name + " (" + count + ")";
    }
  }
}
