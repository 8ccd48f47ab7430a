package org.lorica.report.mlflow;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells an MLflow server of a run, from a thread of its own: a call that fails waits and is tried
 * again, in order, and the run never waits for it. The first failure is told once. What the server
 * has not taken when {@link #close} has waited long enough is given up, and told once.
 */
public final class MlflowTracker implements AutoCloseable {
  private static final int BATCH = 100; // parameters in one log-batch
  private static final int LAST_TRIES = 3;
  private static final int LONGEST = 500; // characters of a parameter's value on older servers

  private final MlflowClient client;
  private final Consumer<String> warnings;
  private final Pace pace;
  private final Clock clock;
  private final String server;
  private final LinkedBlockingDeque<Call> queue = new LinkedBlockingDeque<>();
  private final Thread sender;
  private final CountDownLatch closing = new CountDownLatch(1);
  private MlflowClient.TrackedRun run;
  private boolean warned = false;
  private boolean anew = false;

  /**
   * How long to wait.
   *
   * @param firstRetry after a first failure; doubled up to {@code longestRetry}
   * @param atClose for what is still in the queue when the run is over
   */
  public record Pace(Duration firstRetry, Duration longestRetry, Duration atClose) {
    public static final Pace USUAL =
        new Pace(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(15));
  }

  private interface Call {
    void send() throws IOException, InterruptedException;
  }

  /**
   * Starts telling.
   *
   * @param warnings takes one line at a time
   */
  public MlflowTracker(TrackingServer server, Pace pace, Clock clock, Consumer<String> warnings) {
    this.client = new MlflowClient(server);
    this.server = server.toString();
    this.pace = pace;
    this.clock = clock;
    this.warnings = warnings;
    this.sender = new Thread(this::sendAll, "lorica-mlflow");
    sender.setDaemon(true);
    sender.start();
  }

  /**
   * A run to tell of.
   *
   * @param settings its parameters
   * @param before where it was told of before it was interrupted; empty for a new run
   * @param kept takes where it is told of now, in the sender's thread
   */
  public record Told(
      String experiment,
      String name,
      Map<String, String> settings,
      Optional<TrackedRunFile> before,
      Consumer<TrackedRunFile> kept) {}

  /** Makes the run on the server, or finds it there, and gives it the parameters that it lacks. */
  public void started(Told told) {
    long now = clock.millis();
    Set<String> known = new HashSet<>(); // written and read by the sender alone
    queue.add(
        () -> {
          Optional<MlflowClient.KeptRun> found = found(told);
          if (found.isPresent()) {
            client.reopen(found.get().run().id());
            known.addAll(found.get().params());
            run = found.get().run();
          } else {
            run = client.create(client.experiment(told.experiment()), told.name(), now);
            told.kept().accept(new TrackedRunFile(server, run.id()));
          }
        });
    List<MlflowClient.Param> params = new ArrayList<>();
    told.settings()
        .forEach(
            (key, value) ->
                params.add(
                    new MlflowClient.Param(
                        key, value.substring(0, Math.min(LONGEST, value.length())))));
    for (int from = 0; from < params.size(); from += BATCH) {
      List<MlflowClient.Param> some =
          List.copyOf(params.subList(from, Math.min(params.size(), from + BATCH)));
      queue.add(() -> logMissing(some, known));
    }
  }

  /** The server refuses a second value of a parameter, which a resumed run may well have. */
  private void logMissing(List<MlflowClient.Param> params, Set<String> known)
      throws IOException, InterruptedException {
    List<MlflowClient.Param> missing =
        params.stream().filter(param -> !known.contains(param.key())).toList();
    if (!missing.isEmpty()) {
      client.log(run.id(), List.of(), missing);
    }
  }

  private Optional<MlflowClient.KeptRun> found(Told told) throws IOException, InterruptedException {
    if (told.before().isEmpty()) {
      return Optional.empty();
    }
    TrackedRunFile before = told.before().get();
    if (!before.server().equals(server)) {
      tellAnew("the run was tracked at " + before.server());
      return Optional.empty();
    }
    Optional<MlflowClient.KeptRun> found = client.find(before.runId());
    if (found.isEmpty()) {
      tellAnew("it has no run " + before.runId() + " any more");
    }
    return found;
  }

  private void tellAnew(String why) {
    if (!anew) {
      anew = true;
      warnings.accept("MLflow at " + server + ": " + why + "; the rounds to come make a new one");
    }
  }

  /** Metrics of a round; what is not finite is left out. */
  public void round(int round, Map<String, Double> metrics) {
    long now = clock.millis();
    List<MlflowClient.Metric> batch = new ArrayList<>();
    metrics.forEach(
        (key, value) -> {
          if (Double.isFinite(value)) {
            batch.add(new MlflowClient.Metric(key, value, now, round));
          }
        });
    if (!batch.isEmpty()) {
      queue.add(() -> client.log(run.id(), batch, List.of()));
    }
  }

  /** Puts files among the run's artifacts, name to file. */
  public void artifacts(Map<String, Path> files) {
    files.forEach((name, file) -> queue.add(() -> client.upload(run, file, name)));
  }

  /** The run is over: {@code FINISHED}, {@code FAILED} or {@code KILLED}. */
  public void finished(String status) {
    long now = clock.millis();
    queue.add(() -> client.finish(run.id(), status, now));
  }

  private void sendAll() {
    long wait = pace.firstRetry().toMillis();
    int failuresAtEnd = 0;
    try {
      while (failuresAtEnd < LAST_TRIES && !(closing.getCount() == 0 && queue.isEmpty())) {
        Call call = queue.poll(20, TimeUnit.MILLISECONDS);
        if (call == null) {
          continue;
        }
        if (delivered(call)) {
          wait = pace.firstRetry().toMillis();
          failuresAtEnd = 0;
        } else {
          queue.addFirst(call);
          if (closing.await(wait, TimeUnit.MILLISECONDS)) {
            failuresAtEnd++;
            Thread.sleep(pace.firstRetry().toMillis());
          }
          wait = Math.min(2 * wait, pace.longestRetry().toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() has waited long enough
    }
  }

  /** Whether the call need not be tried again. */
  private boolean delivered(Call call) throws InterruptedException {
    try {
      call.send();
      return true;
    } catch (MlflowClient.RefusedException e) {
      boolean hopeless = e.isFinal();
      warn(e.getMessage(), hopeless ? "" : "; trying again");
      if (hopeless && run == null) {
        queue.clear(); // without a run there is nothing to tell of
      }
      return hopeless;
    } catch (FileNotFoundException e) {
      warn(e.getMessage(), "");
      return true;
    } catch (IOException e) {
      warn(e.getMessage(), "; trying again");
      return false;
    }
  }

  private void warn(String what, String then) {
    if (!warned) {
      warned = true;
      warnings.accept("MLflow at " + server + ": " + what + then + "; the run goes on");
    }
  }

  /** Waits for what is still to be told, but not for ever. */
  @Override
  public void close() {
    closing.countDown();
    try {
      sender.join(pace.atClose().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    boolean busy = sender.isAlive();
    sender.interrupt();
    int left = queue.size() + (busy ? 1 : 0);
    if (left > 0) {
      warnings.accept(
          "MLflow at "
              + server
              + ": calls not delivered: "
              + left
              + "; the run folder has everything");
    }
  }
}
