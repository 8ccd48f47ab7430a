package org.lorica.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.Type;

/** Parquet files, by the library that Spark ships; nested and repeated columns are passed over. */
final class ParquetRows implements Row.Reader {
  @Override
  public void read(String file, Consumer<Row> rows) {
    Path path =
        new Path(DataFiles.remote(file) ? file : java.nio.file.Path.of(file).toUri().toString());
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), path).withConf(new Configuration()).build()) {
      int number = 0;
      for (Group group = reader.read(); group != null; group = reader.read()) {
        rows.accept(new Row(file, "row", ++number, cells(group)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (e.getMessage() != null && e.getMessage().contains("is not a Parquet file")) {
        throw new IllegalArgumentException(
            file + ": expected a Parquet file, found other content", e);
      }
      throw e;
    }
  }

  private static Map<String, String> cells(Group group) {
    Map<String, String> cells = new HashMap<>();
    GroupType type = group.getType();
    for (int i = 0; i < type.getFieldCount(); i++) {
      Type field = type.getType(i);
      boolean plain = field.isPrimitive() && !field.isRepetition(Type.Repetition.REPEATED);
      if (plain && group.getFieldRepetitionCount(i) == 1) {
        cells.put(field.getName(), group.getValueToString(i, 0));
      }
    }
    return cells;
  }
}
