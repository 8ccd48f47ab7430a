package org.lorica.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * One line of {@code rounds.jsonl}.
 *
 * @param round from 1 to {@code rounds}
 * @param epsilon ε spent so far in nats; empty when nothing is claimed
 * @param clients that were called, those that dropped out too
 * @param seconds wall-clock seconds by phase
 * @param privateFields names of fields computed from private data without noise: they may be shown
 *     in a simulation and must not be released by a real deployment
 * @param simulationDiagnostics quantities that no ε covers; empty where none were asked for
 */
public record RoundRecord(
    int round,
    int rounds,
    Quality quality,
    OptionalDouble epsilon,
    int clients,
    Faults faults,
    Traffic traffic,
    Map<String, Double> seconds,
    List<String> privateFields,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> simulationDiagnostics) {

  /** A round without diagnostics. */
  public RoundRecord(
      int round,
      int rounds,
      Quality quality,
      OptionalDouble epsilon,
      int clients,
      Faults faults,
      Traffic traffic,
      Map<String, Double> seconds,
      List<String> privateFields) {
    this(
        round,
        rounds,
        quality,
        epsilon,
        clients,
        faults,
        traffic,
        seconds,
        privateFields,
        Map.of());
  }

  /** This round with diagnostics, which count as private. */
  public RoundRecord withDiagnostics(Map<String, Object> diagnostics) {
    List<String> fields = new ArrayList<>(privateFields);
    if (!diagnostics.isEmpty()) {
      fields.add("simulationDiagnostics");
    }
    return new RoundRecord(
        round, rounds, quality, epsilon, clients, faults, traffic, seconds, fields, diagnostics);
  }

  public RoundRecord {
    simulationDiagnostics = Collections.unmodifiableMap(new TreeMap<>(simulationDiagnostics));
    if (round < 1 || round > rounds) {
      throw new IllegalArgumentException("round must be in 1.." + rounds + ", got " + round);
    }
    if (clients < 0) {
      throw new IllegalArgumentException("clients must be >= 0, got " + clients);
    }
    seconds = Collections.unmodifiableMap(new TreeMap<>(seconds));
    privateFields = List.copyOf(privateFields);
  }

  /**
   * Losses in nats (per token for causal language models); empty where not measured this round.
   *
   * @param metric name of {@code metricValue}, for example {@code accuracy} (a share in [0, 1])
   * @param metrics all metrics of the task on held-out examples, by name
   */
  public record Quality(
      OptionalDouble trainLoss,
      OptionalDouble testLoss,
      String metric,
      OptionalDouble metricValue,
      Map<String, Double> metrics) {
    public Quality {
      metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** Without further metrics. */
    public Quality(
        OptionalDouble trainLoss,
        OptionalDouble testLoss,
        String metric,
        OptionalDouble metricValue) {
      this(trainLoss, testLoss, metric, metricValue, Map.of());
    }
  }

  /**
   * What went wrong in the round.
   *
   * @param status {@code aggregated}, or {@code void}: too few clients trained, and the adapter
   *     stayed as it was
   * @param dropped clients whose training failed; each added a zero change and was charged
   * @param splits times that memory was full and a batch was computed in parts
   */
  public record Faults(
      String status,
      List<Dropped> dropped,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) long splits) {
    /** A round as it should be. */
    public static final Faults NONE = new Faults("aggregated", List.of(), 0);

    public Faults {
      dropped = List.copyOf(dropped);
    }

    boolean isVoid() {
      return status.equals("void");
    }
  }

  /** A client that dropped out, and why, in one line. */
  public record Dropped(int client, String reason) {}

  /** Bytes per client in this round, as a real deployment would send them. */
  public record Traffic(long bytesUpPerClient, long bytesDownPerClient) {
    public Traffic {
      if (bytesUpPerClient < 0 || bytesDownPerClient < 0) {
        throw new IllegalArgumentException(
            "bytes per client must be >= 0, got "
                + bytesUpPerClient
                + " up and "
                + bytesDownPerClient
                + " down");
      }
    }
  }
}
