package org.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A CSV of plain numbers with a header line. */
final class CsvTable {
  private final Path file;
  private final List<String> lines;
  private final List<String> columns;

  private CsvTable(Path file, List<String> lines) {
    this.file = file;
    this.lines = lines;
    this.columns = Arrays.stream(lines.get(0).split(",", -1)).map(String::strip).toList();
  }

  static CsvTable read(Path file) {
    try {
      List<String> lines =
          Files.readAllLines(file).stream().map(String::strip).filter(l -> !l.isEmpty()).toList();
      if (lines.isEmpty()) {
        throw new IllegalArgumentException(
            file + ": a header line was expected, the file is empty");
      }
      return new CsvTable(file, lines);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  List<String> columns() {
    return columns;
  }

  boolean has(String column) {
    return columns.contains(column);
  }

  /** What is appended to a row. */
  interface Answer {
    String to(Row row);
  }

  /** The same lines with more columns; rows are answered in parallel. */
  List<String> with(String header, Answer answer) {
    List<String> rows =
        IntStream.range(1, lines.size())
            .parallel()
            .mapToObj(i -> lines.get(i) + "," + answer.to(new Row(i)))
            .toList();
    List<String> all = new ArrayList<>();
    all.add(lines.get(0) + "," + header);
    all.addAll(rows);
    return all;
  }

  /** One line of numbers. */
  final class Row {
    private final int line;
    private final String[] cells;

    Row(int line) {
      this.line = line;
      this.cells = lines.get(line).split(",", -1);
      if (cells.length != columns.size()) {
        throw wrong(columns.size() + " cells", String.valueOf(cells.length));
      }
    }

    double number(String column) {
      int at = columns.indexOf(column);
      if (at < 0) {
        throw new IllegalArgumentException(
            file + ": a column " + column + " was expected, found " + columns);
      }
      try {
        return Double.parseDouble(cells[at].strip());
      } catch (NumberFormatException e) {
        throw wrong("a number in column " + column, '"' + cells[at] + '"');
      }
    }

    int whole(String column) {
      double value = number(column);
      if (value != (int) value) {
        throw wrong("a whole number in column " + column, String.valueOf(value));
      }
      return (int) value;
    }

    private IllegalArgumentException wrong(String expected, String found) {
      return new IllegalArgumentException(
          file + ": row " + line + ": expected " + expected + ", found " + found);
    }
  }
}
