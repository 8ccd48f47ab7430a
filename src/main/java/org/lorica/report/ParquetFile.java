package org.lorica.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * A table as one Parquet file, by the library that Spark ships. Not by a Spark job: the run folder
 * is the driver's, and executors of a cluster need not see it.
 */
final class ParquetFile {
  private ParquetFile() {}

  /** What a column holds; every column may hold nothing ({@code null}). */
  enum Type {
    INT(PrimitiveTypeName.INT32),
    LONG(PrimitiveTypeName.INT64),
    DOUBLE(PrimitiveTypeName.DOUBLE),
    TEXT(PrimitiveTypeName.BINARY);

    private final PrimitiveTypeName stored;

    Type(PrimitiveTypeName stored) {
      this.stored = stored;
    }
  }

  /** A column. */
  record Column(String name, Type type) {}

  /**
   * Writes the file beside its place and moves it into it.
   *
   * @param rows one value a column: Integer, Long, Double, String or null; NaN is null
   */
  static void write(Path file, List<Column> columns, Stream<List<Object>> rows) {
    Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
    MessageType schema = schema(columns);
    try {
      Files.deleteIfExists(draft);
      try (ParquetWriter<Group> writer =
          ExampleParquetWriter.builder(new LocalOutputFile(draft))
              .withConf(new PlainParquetConfiguration())
              .withType(schema)
              .build()) {
        for (List<Object> row : (Iterable<List<Object>>) rows::iterator) {
          writer.write(group(schema, columns, row));
        }
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static MessageType schema(List<Column> columns) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (Column column : columns) {
      schema.addField(
          column.type() == Type.TEXT
              ? Types.optional(column.type().stored)
                  .as(LogicalTypeAnnotation.stringType())
                  .named(column.name())
              : Types.optional(column.type().stored).named(column.name()));
    }
    return schema.named("lorica");
  }

  private static Group group(MessageType schema, List<Column> columns, List<Object> row) {
    Group group = new SimpleGroup(schema);
    for (int i = 0; i < columns.size(); i++) {
      Object value = row.get(i);
      if (value == null || value.equals(Double.NaN)) {
        continue;
      }
      switch (columns.get(i).type()) {
        case INT -> group.add(i, (int) value);
        case LONG -> group.add(i, (long) value);
        case DOUBLE -> group.add(i, (double) value);
        case TEXT -> group.add(i, (String) value);
      }
    }
    return group;
  }
}
