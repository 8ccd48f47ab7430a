package org.lorica.data;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lorica.config.RecordFormat;

/** Turns rows into records by the columns, labels and rules of a {@link RecordFormat}. */
public final class RecordMapper {
  private static final List<String> TEXT = List.of("text", "sentence");

  private final RecordFormat format;
  private final RecordLog log;

  public RecordMapper(RecordFormat format, RecordLog log) {
    this.format = format;
    this.log = log;
  }

  /**
   * A row of some other source, such as a table of the caller.
   *
   * @param number counted from 1, for messages
   * @param cells texts by column; a missing value has no entry
   */
  public Optional<TextRecord> map(String source, int number, Map<String, String> cells) {
    return map(new Row(source, "row", number, cells));
  }

  /** Marks what {@code bad-records = skip} leaves out. */
  static final class BadRecord extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    BadRecord(IllegalArgumentException message, String reason) {
      super(message.getMessage());
      this.reason = reason;
    }
  }

  Optional<TextRecord> map(Row row) {
    try {
      TextRecord record = record(row);
      log.use();
      return Optional.of(record);
    } catch (BadRecord e) {
      if (format.badRecords() == RecordFormat.BadRecords.FAIL) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
      log.skip(e.reason, row.place());
      return Optional.empty();
    }
  }

  private TextRecord record(Row row) {
    RecordFormat.Columns columns = format.columns();
    String text = text(row, textColumn(row));
    String client =
        columns.client().map(c -> required(row, c)).orElseGet(() -> usual(row, "client"));
    if (columns.response().isPresent()) {
      return new TextRecord(
          text, text(row, columns.response().get()), new Target.Response(1), client);
    }
    String second = columns.text2().map(c -> text(row, c)).orElse("");
    return new TextRecord(text, second, target(row), client);
  }

  private String textColumn(Row row) {
    if (format.columns().text().isPresent()) {
      return format.columns().text().get();
    }
    for (String name : TEXT) {
      if (row.cells().containsKey(name)) {
        return name;
      }
    }
    throw row.bad(
        "a column \"text\" or \"sentence\" (or set data.columns.text)",
        row.cells().keySet().toString());
  }

  private String text(Row row, String column) {
    String text = required(row, column);
    if (text.isBlank()) {
      throw new BadRecord(
          row.bad("a text in column \"" + column + "\"", "an empty one"), "no text");
    }
    return text;
  }

  private static String required(Row row, String column) {
    return row.cell(column)
        .orElseThrow(
            () ->
                new BadRecord(
                    row.bad("a column \"" + column + "\"", row.cells().keySet().toString()),
                    "no value in column \"" + column + "\""));
  }

  private static String usual(Row row, String column) {
    return row.cell(column).orElse("");
  }

  private Target target(Row row) {
    Optional<String> column = format.columns().label();
    Optional<String> cell =
        column.isPresent() ? Optional.of(required(row, column.get())) : row.cell("label");
    return cell.map(c -> target(row, c.strip())).orElse(Target.NONE);
  }

  private Target target(Row row, String cell) {
    if (format.target() == RecordFormat.TargetKind.VALUE) {
      return value(row, cell);
    }
    int named = format.labels().indexOf(cell);
    if (named >= 0) {
      return new Target.Label(named);
    }
    if (format.labels().isEmpty()) {
      try {
        int label = Integer.parseInt(cell);
        if (label >= 0) {
          return new Target.Label(label);
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    String expected =
        format.labels().isEmpty()
            ? "a label, a whole number >= 0 (for names set data.labels; predict and evaluate: --labels)"
            : "one of data.labels " + format.labels();
    throw new BadRecord(row.bad(expected, "\"" + cell + "\""), "a label that is no class");
  }

  private static Target value(Row row, String cell) {
    try {
      return new Target.Value(Double.parseDouble(cell));
    } catch (IllegalArgumentException e) {
      throw new BadRecord(
          row.bad("a finite number", "\"" + cell + "\""), "a value that is no number");
    }
  }
}
