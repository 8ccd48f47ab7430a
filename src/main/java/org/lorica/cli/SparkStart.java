package org.lorica.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.lorica.config.LoadedConfig;

/**
 * A Spark session that starts in a thread of its own, beside the loading of data. To be closed even
 * if nobody ever asks for it.
 */
final class SparkStart implements AutoCloseable {
  private final CompletableFuture<SparkDriver> starting = new CompletableFuture<>();
  private final StartTimings timings;

  private SparkStart(StartTimings timings) {
    this.timings = timings;
  }

  /** Begins to start what {@link SparkDriver#start(LoadedConfig)} starts. */
  static SparkStart begin(LoadedConfig config, StartTimings timings) {
    SparkStart start = new SparkStart(timings);
    Thread thread = new Thread(() -> start.run(config), "spark-start");
    thread.setDaemon(true);
    thread.start();
    return start;
  }

  private void run(LoadedConfig config) {
    long begin = System.nanoTime();
    try {
      SparkDriver driver = SparkDriver.start(config);
      timings.beside("spark", (System.nanoTime() - begin) / 1e9);
      starting.complete(driver);
    } catch (Throwable e) { // whoever waits must learn of it
      starting.completeExceptionally(e);
    }
  }

  /** The session, once it is there; what kept it from starting is thrown as it was. */
  SparkDriver await() {
    try {
      return starting.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error fatal) {
        throw fatal;
      }
      throw e;
    }
  }

  /** Ends the session, which is waited for: half started, it could not be ended. */
  @Override
  public void close() {
    try {
      starting.join().close();
    } catch (CompletionException | CancellationException e) {
      return; // it never started, and whoever awaited it was told why
    }
  }
}
