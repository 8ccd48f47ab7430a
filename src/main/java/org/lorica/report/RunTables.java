package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.lorica.report.ParquetFile.Column;

/** {@code rounds.parquet} and {@code clients.parquet}; docs/outputs.md explains the columns. */
public final class RunTables {
  static final List<Column> ROUNDS =
      List.of(
          new Column("round", ParquetFile.Type.INT),
          new Column("clients", ParquetFile.Type.INT),
          new Column("status", ParquetFile.Type.TEXT),
          new Column("dropped", ParquetFile.Type.INT),
          new Column("epsilon", ParquetFile.Type.DOUBLE),
          new Column("train_loss", ParquetFile.Type.DOUBLE),
          new Column("test_loss", ParquetFile.Type.DOUBLE),
          new Column("metric", ParquetFile.Type.TEXT),
          new Column("metric_value", ParquetFile.Type.DOUBLE),
          new Column("bytes_up_per_client", ParquetFile.Type.LONG),
          new Column("bytes_down_per_client", ParquetFile.Type.LONG),
          new Column("seconds_train", ParquetFile.Type.DOUBLE),
          new Column("seconds_aggregate", ParquetFile.Type.DOUBLE),
          new Column("seconds_evaluate", ParquetFile.Type.DOUBLE));

  static final List<Column> CLIENTS =
      List.of(
          new Column("client", ParquetFile.Type.INT),
          new Column("examples", ParquetFile.Type.INT),
          new Column("participations", ParquetFile.Type.INT),
          new Column("epsilon", ParquetFile.Type.DOUBLE),
          new Column("noise_multiplier", ParquetFile.Type.DOUBLE),
          new Column("sampling_probability", ParquetFile.Type.DOUBLE));

  private RunTables() {}

  /**
   * A client that took part.
   *
   * @param examples that it holds; public
   * @param participations rounds that it took part in
   * @param epsilon that it has spent, nats; empty where nothing is claimed
   */
  public record ClientRow(
      int client, int examples, int participations, OptionalDouble epsilon, Terms terms) {}

  /**
   * What the privacy plan gave a client.
   *
   * @param noiseMultiplier σ
   * @param samplingProbability q of a record in a local step
   */
  public record Terms(double noiseMultiplier, double samplingProbability) {}

  /** Turns {@code rounds.jsonl} of a run folder into {@code rounds.parquet}. */
  public static void writeRounds(Path folder) {
    StoredRun run = StoredRun.read(folder);
    boolean open = run.isSimulation();
    ParquetFile.write(
        folder.resolve("rounds.parquet"),
        ROUNDS,
        run.rounds().stream().map(r -> row(r, open, run.tellsCohorts())));
  }

  private static List<Object> row(JsonNode round, boolean open, boolean cohorts) {
    JsonNode faults = round.path("faults");
    JsonNode traffic = round.path("traffic");
    String metric = round.path("quality").path("metric").asText("");
    List<Object> row = new ArrayList<>();
    row.add(round.path("round").asInt());
    row.add(cohorts ? round.path("clients").asInt() : null);
    row.add(faults.path("status").asText("aggregated"));
    row.add(open ? faults.path("dropped").size() : null);
    row.add(StoredRun.number(round, "epsilon"));
    row.add(open ? StoredRun.number(round, "quality.trainLoss") : null);
    row.add(StoredRun.number(round, "quality.testLoss"));
    row.add(metric.isEmpty() ? null : metric);
    row.add(StoredRun.number(round, "quality.metricValue"));
    row.add(traffic.path("bytesUpPerClient").asLong());
    row.add(traffic.path("bytesDownPerClient").asLong());
    for (String phase : List.of("train", "aggregate", "evaluate")) {
      row.add(StoredRun.number(round, "seconds." + phase));
    }
    return row;
  }

  /** Writes {@code clients.parquet}. */
  public static void writeClients(Path folder, Stream<ClientRow> clients) {
    ParquetFile.write(
        folder.resolve("clients.parquet"),
        CLIENTS,
        clients.map(
            c ->
                Arrays.asList(
                    c.client(),
                    c.examples(),
                    c.participations(),
                    c.epsilon().isPresent() ? (Double) c.epsilon().getAsDouble() : null,
                    c.terms().noiseMultiplier(),
                    c.terms().samplingProbability())));
  }
}
