package org.lorica.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.lorica.config.RunConfig;
import org.lorica.federation.FederationPrivacy;
import org.lorica.federation.Population;
import org.lorica.report.LiveReport;
import org.lorica.report.PartitionTable;
import org.lorica.report.ReportPage;
import org.lorica.report.RoundRecord;
import org.lorica.report.RunFolder;
import org.lorica.report.RunTables;
import org.lorica.report.StoredRun;
import org.lorica.report.mlflow.MlflowTracker;
import org.lorica.report.mlflow.TrackedRunFile;
import org.lorica.report.mlflow.TrackingServer;

/**
 * What a run shows of itself beside the files that make it: partition, live page, MLflow, tables
 * and report. None of it may stop a run: what fails is said in one line.
 */
final class RunOutputs implements AutoCloseable {
  private final RunFolder run;
  private final PrintWriter console;
  private final boolean simulation;
  private final boolean tellsCohorts;
  private final Optional<LiveReport> live;
  private final Optional<MlflowTracker> tracker;
  private String status = "FAILED";

  private RunOutputs(
      RunFolder run,
      StoredRun stored,
      PrintWriter console,
      Optional<LiveReport> live,
      Optional<MlflowTracker> tracker) {
    this.run = run;
    this.simulation = stored.isSimulation();
    this.tellsCohorts = stored.tellsCohorts();
    this.console = console;
    this.live = live;
    this.tracker = tracker;
  }

  /**
   * Begins to show a run whose manifest is written.
   *
   * @param livePort of the live page, 0 = any; empty = none
   * @throws IllegalArgumentException if the port is taken or the tracking server's address is none
   */
  static RunOutputs begin(
      RunConfig config,
      Population population,
      RunFolder run,
      OptionalInt livePort,
      PrintWriter console) {
    Optional<TrackingServer> server =
        TrackingServer.of(config.tracking().mlflowUri(), System.getenv());
    Optional<LiveReport> live =
        livePort.isPresent()
            ? Optional.of(LiveReport.start(run::path, livePort.getAsInt()))
            : Optional.empty();
    Optional<MlflowTracker> tracker =
        server.map(
            s ->
                new MlflowTracker(
                    s, MlflowTracker.Pace.USUAL, Clock.systemUTC(), line -> say(console, line)));
    StoredRun stored = StoredRun.read(run.path());
    RunOutputs outputs = new RunOutputs(run, stored, console, live, tracker);
    live.ifPresent(l -> say(console, "live: " + l.address()));
    if (stored.isSimulation()) {
      attempt(
          console,
          "partition.json",
          () -> partition(population).ifPresent(t -> run.writeJson("partition.json", t)));
    }
    tracker.ifPresent(
        t ->
            t.started(
                new MlflowTracker.Told(
                    config.tracking().mlflowExperiment(),
                    run.finalPath().getFileName().toString(),
                    stored.settings(),
                    before(run, console),
                    kept ->
                        attempt(
                            console,
                            TrackedRunFile.NAME,
                            () -> run.writeJson(TrackedRunFile.NAME, kept)))));
    return outputs;
  }

  /** Where a resumed run was tracked; a file that cannot be read stops no run. */
  private static Optional<TrackedRunFile> before(RunFolder run, PrintWriter console) {
    try {
      return TrackedRunFile.read(run.path());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      say(console, e.getMessage());
      return Optional.empty();
    }
  }

  /** Counts of labels; empty where examples have none. */
  private static Optional<PartitionTable> partition(Population population) {
    int clients = population.clients();
    int shown = Math.min(clients, PartitionTable.MOST_CLIENTS);
    List<int[]> labels = new ArrayList<>();
    int classes = population.labels().size();
    for (int i = 0; i < shown; i++) {
      int client = (int) ((long) i * clients / shown);
      int[] found = population.examples(client).stream().mapToInt(e -> e.label()).toArray();
      for (int label : found) {
        if (label < 0) {
          return Optional.empty();
        }
        classes = Math.max(classes, label + 1);
      }
      labels.add(found);
    }
    List<String> names = new ArrayList<>(population.labels());
    for (int label = names.size(); label < classes; label++) {
      names.add(Integer.toString(label));
    }
    List<PartitionTable.Row> rows = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      Integer[] counts = new Integer[classes];
      java.util.Arrays.fill(counts, 0);
      for (int label : labels.get(i)) {
        counts[label]++;
      }
      rows.add(new PartitionTable.Row((int) ((long) i * clients / shown), List.of(counts)));
    }
    return Optional.of(new PartitionTable(clients, names, rows));
  }

  /** A round whose line is written. */
  void roundFinished(RoundRecord round) {
    tracker.ifPresent(t -> t.round(round.round(), metrics(round)));
  }

  private Map<String, Double> metrics(RoundRecord round) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (simulation) {
      round.quality().trainLoss().ifPresent(v -> metrics.put("train_loss", v));
    }
    round.quality().testLoss().ifPresent(v -> metrics.put("test_loss", v));
    round
        .quality()
        .metricValue()
        .ifPresent(v -> metrics.put("test_" + round.quality().metric(), v));
    round.epsilon().ifPresent(v -> metrics.put("epsilon", v));
    if (tellsCohorts) {
      metrics.put("clients", (double) round.clients());
    }
    metrics.put("bytes_up_per_client", (double) round.traffic().bytesUpPerClient());
    metrics.put("bytes_down_per_client", (double) round.traffic().bytesDownPerClient());
    round.seconds().forEach((phase, seconds) -> metrics.put("seconds_" + phase, seconds));
    return metrics;
  }

  /**
   * Writes {@code rounds.parquet} and, where it may be told who took part, {@code clients.parquet}
   * before the folder is completed.
   */
  void tables(FederationPrivacy privacy, Population population) {
    attempt(console, "rounds.parquet", () -> RunTables.writeRounds(run.path()));
    if (tellsCohorts) {
      attempt(
          console,
          "clients.parquet",
          () -> RunTables.writeClients(run.path(), ClientRows.of(privacy, population)));
    }
  }

  /** Writes the page of a run that is complete. */
  static void report(RunFolder run, PrintWriter console) {
    attempt(
        console,
        ReportPage.FILE,
        () -> ReportPage.of(List.of(run.path())).write(run.path().resolve(ReportPage.FILE)));
  }

  /** The folder has its final name. */
  void completed() {
    status = "FINISHED";
    report(run, console);
    tracker.ifPresent(
        t -> {
          Map<String, Path> files = new LinkedHashMap<>();
          for (String name :
              List.of(
                  "manifest.json",
                  "privacy.json",
                  "summary.txt",
                  "rounds.jsonl",
                  ReportPage.FILE,
                  "adapter/adapter_config.json",
                  "adapter/adapter_model.safetensors")) {
            Path file = run.path().resolve(name);
            boolean unnoised = name.equals("rounds.jsonl"); // it has training losses
            if (Files.exists(file) && (simulation || !unnoised)) {
              files.put(name, file);
            }
          }
          t.artifacts(files);
        });
  }

  private static void attempt(PrintWriter console, String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      say(console, what + " could not be written: " + e.getMessage());
    }
  }

  private static void say(PrintWriter console, String line) {
    synchronized (console) {
      console.println(line);
      console.flush();
    }
  }

  @Override
  public void close() {
    live.ifPresent(LiveReport::close);
    tracker.ifPresent(
        t -> {
          t.finished(status);
          t.close();
        });
  }
}
