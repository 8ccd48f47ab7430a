package org.lorica.spark;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lorica.report.CellResult;

/**
 * Results of a grid as a DataFrame of one schema for all grids: {@code sweep, cell, digest, status,
 * message} (texts, {@code cell} a number), {@code settings} (text to text) and {@code figures}
 * (text to number).
 */
public record ResultsFrame(SparkSession session, String sweep, List<CellResult> results) {
  private static final StructType SCHEMA =
      new StructType()
          .add("sweep", DataTypes.StringType)
          .add("cell", DataTypes.IntegerType)
          .add("digest", DataTypes.StringType)
          .add("status", DataTypes.StringType)
          .add("message", DataTypes.StringType)
          .add("settings", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType))
          .add("figures", DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType));

  public ResultsFrame {
    results = List.copyOf(results);
  }

  /** A row a cell. */
  public Dataset<Row> rows() {
    List<Row> rows = new java.util.ArrayList<>();
    for (CellResult r : results) {
      rows.add(
          RowFactory.create(
              sweep,
              rows.size(),
              r.digest(),
              r.status().name(),
              r.message(),
              r.settings(),
              r.figures()));
    }
    return session.createDataFrame(rows, SCHEMA);
  }

  /**
   * Replaces this sweep's partition of a Parquet folder; other sweeps' stay as they are.
   *
   * @param folder of the nodes' own file system, also where the cluster's default is another
   */
  public void writeParquet(Path folder) {
    rows()
        .coalesce(1)
        .write()
        .mode(SaveMode.Overwrite)
        .option("partitionOverwriteMode", "dynamic")
        .partitionBy("sweep")
        .parquet(folder.toUri().toString());
  }

  /**
   * Appends the finished cells that a catalog table does not have yet; makes the table, in the
   * cluster's default format, where there is none.
   */
  public void appendTo(String table) {
    Dataset<Row> done = rows().where("status = 'DONE'");
    if (session.catalog().tableExists(table)) {
      Dataset<Row> known = session.table(table).select("sweep", "digest");
      done = done.join(known, new String[] {"sweep", "digest"}, "left_anti");
    }
    List<String> order = List.of(SCHEMA.fieldNames());
    done.selectExpr(order.toArray(new String[0]))
        .localCheckpoint() // the rows are read before their table is written
        .write()
        .mode(SaveMode.Append)
        .saveAsTable(table);
  }
}
