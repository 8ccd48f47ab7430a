package org.lorica.data;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One row of a data file, as texts by column; a missing or null value has no entry.
 *
 * @param file where it stands
 * @param number line, or row for files without lines, counted from 1
 */
record Row(String file, String unit, int number, Map<String, String> cells) {

  /** Reads a file row by row. */
  interface Reader {
    void read(String file, Consumer<Row> rows);
  }

  Optional<String> cell(String column) {
    return Optional.ofNullable(cells.get(column));
  }

  String place() {
    return file + ": " + unit + " " + number;
  }

  /** An error that says where, what was expected and what was found. */
  IllegalArgumentException bad(String expected, String found) {
    return bad(place(), expected, found);
  }

  static IllegalArgumentException bad(String place, String expected, String found) {
    String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
    return new IllegalArgumentException(place + ": expected " + expected + ", found " + shown);
  }
}
