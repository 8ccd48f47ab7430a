package org.lorica.report;

import java.util.List;
import org.lorica.report.figure.Chart;
import org.lorica.report.figure.Figure;
import org.lorica.report.figure.HeatMap;

/** Figures as HTML: a canvas for a chart, a coloured table for a heat map. */
final class FigureHtml {
  private FigureHtml() {}

  static String of(Chart chart) {
    return framed(
        chart.caption(),
        Wording.format(
            "<div class=\"plot\"><canvas id=\"%s\" role=\"img\" aria-label=\"%s\"></canvas></div>%n",
            chart.caption().id(), Html.escaped(chart.caption().title())),
        "");
  }

  static String of(HeatMap map) {
    StringBuilder table =
        new StringBuilder("<div class=\"scroll\"><table class=\"heat\">\n<thead><tr><th>");
    table.append(Html.escaped(map.rows().title())).append("</th>");
    map.columns()
        .names()
        .forEach(n -> table.append("<th><span>").append(Html.escaped(n)).append("</span></th>"));
    table.append("</tr></thead>\n<tbody>\n");
    double max = Math.max(1e-300, map.max());
    for (int row = 0; row < map.values().size(); row++) {
      table.append("<tr><th>").append(Html.escaped(map.rows().names().get(row))).append("</th>");
      List<Double> values = map.values().get(row);
      for (int column = 0; column < values.size(); column++) {
        double value = values.get(column);
        table.append(
            Wording.format(
                "<td style=\"--v:%.3f\" title=\"%s %s, %s %s: %s\"></td>",
                Math.sqrt(value / max), // so that small shares show
                Html.escaped(map.rows().title()),
                Html.escaped(map.rows().names().get(row)),
                Html.escaped(map.columns().title()),
                Html.escaped(map.columns().names().get(column)),
                Wording.plain(value)));
      }
      table.append("</tr>\n");
    }
    table.append("</tbody></table></div>\n");
    return framed(map.caption(), table.toString(), " class=\"wide\"");
  }

  private static String framed(Figure.Caption caption, String inner, String attributes) {
    String note =
        caption.note().isEmpty()
            ? ""
            : "<p class=\"note\">" + Html.escaped(caption.note()) + "</p>\n";
    return "<figure"
        + attributes
        + ">\n<figcaption>"
        + Html.escaped(caption.title())
        + "</figcaption>\n"
        + inner
        + note
        + "</figure>\n";
  }
}
