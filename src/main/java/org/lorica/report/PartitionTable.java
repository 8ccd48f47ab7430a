package org.lorica.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.lorica.report.figure.Figure.Caption;
import org.lorica.report.figure.HeatMap;

/**
 * {@code partition.json}: examples of each label that a client holds. Un-noised counts of private
 * data: written in simulation only.
 *
 * @param registered clients in all
 * @param labels names of the classes, or their numbers
 * @param clients the first ones, or an even choice of them if there are very many
 */
public record PartitionTable(int registered, List<String> labels, List<Row> clients) {
  /** Most clients that are listed. */
  public static final int MOST_CLIENTS = 60;

  public PartitionTable {
    labels = List.copyOf(labels);
    clients = List.copyOf(clients);
  }

  /** One client, and its number of examples of each label. */
  public record Row(int client, List<Integer> examples) {
    public Row {
      examples = List.copyOf(examples);
    }
  }

  static HeatMap heatMap(JsonNode partition) {
    List<String> labels = new ArrayList<>();
    partition.path("labels").forEach(l -> labels.add(l.asText()));
    List<String> clients = new ArrayList<>();
    List<List<Double>> values = new ArrayList<>();
    for (JsonNode row : partition.path("clients")) {
      clients.add(row.path("client").asText());
      List<Double> counts = new ArrayList<>();
      row.path("examples").forEach(n -> counts.add(n.asDouble()));
      values.add(counts);
    }
    int registered = partition.path("registered").asInt();
    String shown =
        clients.size() < registered
            ? Wording.format("%d of %,d clients. ", clients.size(), registered)
            : "";
    return new HeatMap(
        new Caption(
            "partition",
            "Examples of each label by client",
            shown + "Un-noised counts: for simulation only."),
        new HeatMap.Labels("client", clients),
        new HeatMap.Labels("label", labels),
        values);
  }
}
