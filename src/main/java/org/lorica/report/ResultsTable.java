package org.lorica.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The results of a grid, a line a cell: settings, status, figures, message. Columns are those that
 * some cell has; a cell without one has an empty field.
 */
public record ResultsTable(List<CellResult> results) {
  public ResultsTable {
    results = List.copyOf(results);
  }

  /** Comma-separated, full precision, a header; fields are quoted where they must be (RFC 4180). */
  public String csv() {
    return lines(ResultsTable::field, ResultsTable::exact, ",", "");
  }

  /** A Markdown table with four significant digits. */
  public String markdown() {
    List<String> lines =
        lines(ResultsTable::cell, ResultsTable::rounded, " | ", "| ")
            .lines()
            .map(line -> line + " |")
            .collect(Collectors.toCollection(ArrayList::new));
    lines.add(1, "|---".repeat(header().size()) + "|");
    return String.join("\n", lines) + "\n";
  }

  private interface Text {
    String of(String text);
  }

  private interface Figure {
    String of(double number);
  }

  private List<String> settings() {
    return union(r -> r.settings().keySet());
  }

  private List<String> figures() {
    return union(r -> r.figures().keySet());
  }

  private List<String> union(java.util.function.Function<CellResult, Set<String>> keys) {
    Set<String> all = new LinkedHashSet<>();
    results.forEach(r -> all.addAll(keys.apply(r)));
    return List.copyOf(all);
  }

  private List<String> header() {
    List<String> header = new ArrayList<>(settings());
    header.add("status");
    header.addAll(figures());
    header.add("message");
    return header;
  }

  private String lines(Text text, Figure number, String between, String before) {
    StringBuilder all = new StringBuilder();
    line(all, header().stream().map(text::of).toList(), between, before);
    for (CellResult result : results) {
      List<String> fields = new ArrayList<>();
      settings().forEach(k -> fields.add(text.of(result.settings().getOrDefault(k, ""))));
      fields.add(result.status().name().toLowerCase(Locale.ROOT));
      for (String figure : figures()) {
        Double value = result.figures().get(figure);
        fields.add(value == null ? "" : number.of(value));
      }
      fields.add(text.of(result.message()));
      line(all, fields, between, before);
    }
    return all.toString();
  }

  private static void line(StringBuilder all, List<String> fields, String between, String before) {
    all.append(before).append(String.join(between, fields)).append('\n');
  }

  private static String field(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\R", " ");
  }

  private static String exact(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  private static String rounded(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Wording.format("%.4g", number);
  }
}
