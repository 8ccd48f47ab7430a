package org.lorica.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.lorica.spark.FrameContent;
import org.lorica.spark.FrameRecord;

/** Rows of a DataFrame as records. */
final class FrameRows {
  private FrameRows() {}

  /**
   * Contents, labels and clients.
   *
   * @param client the column's name; empty where rows name no client
   */
  static JavaRDD<FrameRecord> records(
      Dataset<?> data, FeaturesColumn features, String label, String client) {
    Dataset<Row> rows =
        data.select(
            col(features.name()),
            col(label).cast("double"),
            client.isEmpty() ? lit("") : col(client).cast("string"));
    return rows.javaRDD().map(row -> record(row, features, label, client));
  }

  private static FrameRecord record(Row row, FeaturesColumn features, String label, String client) {
    FrameContent content = features.content(row, 0);
    double value = row.isNullAt(1) ? Double.NaN : row.getDouble(1);
    if (!(value >= 0 && value == Math.rint(value) && value <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "labelCol \""
              + label
              + "\" must hold whole numbers >= 0, found "
              + (row.isNullAt(1) ? "null" : Double.toString(value)));
    }
    return new FrameRecord(content, (int) value, text(row, 2, "clientCol", client));
  }

  static String text(Row row, int column, String param, String name) {
    requirePresent(row, column, param, name);
    return row.getString(column);
  }

  static void requirePresent(Row row, int column, String param, String name) {
    if (row.isNullAt(column)) {
      throw new IllegalArgumentException(param + " \"" + name + "\" must hold no null, found one");
    }
  }
}
