package org.lorica.report.figure;

import java.util.List;

/**
 * A table of numbers shown as colours.
 *
 * @param values ≥ 0, one list a row, one value a column
 */
public record HeatMap(Caption caption, Labels rows, Labels columns, List<List<Double>> values)
    implements Figure {

  public HeatMap {
    values = values.stream().map(List::copyOf).toList();
    if (values.size() != rows.names().size()) {
      throw new IllegalArgumentException(
          "values must have " + rows.names().size() + " rows, got " + values.size());
    }
    for (List<Double> row : values) {
      if (row.size() != columns.names().size()) {
        throw new IllegalArgumentException(
            "a row must have " + columns.names().size() + " values, got " + row.size());
      }
    }
  }

  /** What a side of the table counts, and the name of each row or column. */
  public record Labels(String title, List<String> names) {
    public Labels {
      names = List.copyOf(names);
    }
  }

  /** The greatest value, 0 if there is none. */
  public double max() {
    return values.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
