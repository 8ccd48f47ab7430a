package org.lorica.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A small results table as one Parquet file. */
public final class ParquetTable {
  private ParquetTable() {}

  /**
   * Writes rows of texts followed by numbers, in place of what is there.
   *
   * @param texts how many of the columns hold texts
   * @param path a folder, as Spark understands it
   */
  public static void write(
      JavaSparkContext context,
      List<String> columns,
      int texts,
      List<List<Object>> rows,
      String path) {
    List<StructField> fields = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      fields.add(
          DataTypes.createStructField(
              columns.get(i), i < texts ? DataTypes.StringType : DataTypes.DoubleType, false));
    }
    StructType schema = DataTypes.createStructType(fields);
    List<Row> all = rows.stream().map(r -> RowFactory.create(r.toArray())).toList();
    SparkSession.builder()
        .sparkContext(context.sc())
        .getOrCreate()
        .createDataFrame(all, schema)
        .coalesce(1)
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(path);
  }
}
