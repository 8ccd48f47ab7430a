package org.lorica.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lorica.federation.ExportedAdapter;
import org.lorica.federation.ScoredModel;
import org.lorica.federation.Scorer;
import org.lorica.lora.PeftAdapter;
import org.lorica.lora.PeftConfig;

/**
 * PEFT files inside a saved model, a row a file: wherever Spark can write, whether or not that is a
 * file system of this machine.
 */
final class AdapterFiles {
  private static final StructType SCHEMA =
      new StructType().add("file", DataTypes.StringType).add("content", DataTypes.BinaryType);

  private AdapterFiles() {}

  static void save(SparkSession session, String path, Consumer<Path> export) {
    inTemporaryFolder(
        folder -> {
          export.accept(folder);
          List<Row> rows = new ArrayList<>();
          for (String name : List.of(PeftConfig.FILE, PeftAdapter.FILE)) {
            rows.add(RowFactory.create(name, Files.readAllBytes(folder.resolve(name))));
          }
          session.createDataFrame(rows, SCHEMA).coalesce(1).write().parquet(path + "/adapter");
          return null;
        });
  }

  static ExportedAdapter load(SparkSession session, String path, ScoredModel backbone) {
    return inTemporaryFolder(
        folder -> {
          for (Row row : session.read().parquet(path + "/adapter").collectAsList()) {
            byte[] content = row.getAs("content");
            String name = Path.of(row.<String>getAs("file")).getFileName().toString();
            Files.write(folder.resolve(name), content);
          }
          return new ExportedAdapter(Scorer.read(backbone, folder), PeftConfig.read(folder));
        });
  }

  private interface Work<T> {
    T in(Path folder) throws IOException;
  }

  private static <T> T inTemporaryFolder(Work<T> work) {
    try {
      Path folder = Files.createTempDirectory("lorica-adapter");
      try {
        return work.in(folder);
      } finally {
        Files.deleteIfExists(folder.resolve(PeftConfig.FILE));
        Files.deleteIfExists(folder.resolve(PeftAdapter.FILE));
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
