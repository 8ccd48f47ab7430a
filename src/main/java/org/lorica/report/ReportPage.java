package org.lorica.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.HeatMap;

/**
 * {@code report.html}: what runs did, in one file that needs no network. Charts are drawn by
 * Chart.js, which is embedded together with its licence; everything else is there without scripts.
 */
public final class ReportPage {
  /** Name of the page in a run folder. */
  public static final String FILE = "report.html";

  private final String title;
  private final List<Figure> figures;
  private final List<String> sections;

  private ReportPage(String title, List<Figure> figures, List<String> sections) {
    this.title = title;
    this.figures = List.copyOf(figures);
    this.sections = List.copyOf(sections);
  }

  /**
   * The page of some folders: of one run, of several runs over each other, or of a sweep or a
   * comparison.
   *
   * @throws IllegalArgumentException naming the folder that holds nothing to show
   */
  public static ReportPage of(List<Path> folders) {
    List<StoredRun> runs = new ArrayList<>();
    List<Figure> figures = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Path folder : folders) {
      if (StoredComparison.isComparison(folder)) {
        figures.addAll(StoredComparison.read(folder).figures());
        names.add(folder.toAbsolutePath().normalize().getFileName().toString());
      } else if (StoredGrid.isGrid(folder)) {
        StoredGrid grid = StoredGrid.read(folder);
        figures.addAll(GridFigures.of(grid));
        names.add(grid.name());
      } else {
        runs.add(StoredRun.read(folder));
        names.add(runs.get(runs.size() - 1).name());
      }
    }
    figures.addAll(RunFigures.of(runs));
    String title = names.size() > 4 ? names.size() + " runs" : String.join(", ", names);
    return new ReportPage(title, unique(figures), RunSections.of(runs));
  }

  /** Two grids, or two audits, have figures of one name. */
  private static List<Figure> unique(List<Figure> figures) {
    Map<String, Figure> byId = new LinkedHashMap<>();
    for (Figure figure : figures) {
      String id = figure.caption().id();
      for (int n = 2; byId.containsKey(id); n++) {
        id = figure.caption().id() + "-" + n;
      }
      byId.put(id, named(figure, id));
    }
    return List.copyOf(byId.values());
  }

  private static Figure named(Figure figure, String id) {
    Figure.Caption old = figure.caption();
    Figure.Caption caption = new Figure.Caption(id, old.title(), old.note());
    if (figure instanceof HeatMap map) {
      return new HeatMap(caption, map.rows(), map.columns(), map.values());
    }
    Chart chart = (Chart) figure;
    return new Chart(caption, chart.form(), chart.x(), chart.y(), chart.series());
  }

  /** What is drawn, for files as well. */
  public List<Figure> figures() {
    return figures;
  }

  /** Writes the page beside its place and moves it into it. */
  public void write(Path file) {
    Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      Path parent = file.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      Files.writeString(draft, html(Mode.FILE));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Where the page stands: in a file, or on a server that is asked for news. */
  enum Mode {
    FILE,
    LIVE
  }

  String html(Mode mode) {
    StringBuilder body = new StringBuilder();
    body.append(status()).append("<div class=\"figures\">\n");
    for (Figure figure : figures) {
      body.append(
          figure instanceof HeatMap map ? FigureHtml.of(map) : FigureHtml.of((Chart) figure));
    }
    body.append("</div>\n");
    sections.stream().skip(1).forEach(body::append);
    return Resources.text("report.html")
        .replace("{{title}}", Html.escaped(title))
        .replace("{{style}}", Resources.text("report.css"))
        .replace("{{body}}", body)
        .replace("{{licence}}", Html.escaped(Resources.chartLicence()))
        .replace("{{data}}", data(mode))
        .replace("{{charts}}", Resources.chartScript())
        .replace("{{script}}", Resources.text("report.js"));
  }

  /** What is told first, and told anew while a run goes on. */
  private String status() {
    return sections.isEmpty() ? "" : sections.get(0);
  }

  /** The charts' numbers as JSON that may stand inside a script element. */
  String data(Mode mode) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("live", mode == Mode.LIVE);
    data.put("charts", figures.stream().filter(f -> f instanceof Chart).toList());
    data.put("status", status());
    return Json.line(data).strip().replace("<", "\\u003c");
  }
}
