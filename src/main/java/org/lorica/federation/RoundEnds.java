package org.lorica.federation;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The last work of every round, evaluation and telling the listeners: at once, or in a thread
 * beside the next round's training, from the moment when that has started: it fills the task slots
 * that training leaves, and keeps no client waiting. One round's is done before the next one
 * charges the ledger.
 */
final class RoundEnds implements AutoCloseable {
  private final Optional<ExecutorService> beside;
  private Future<?> pending = CompletableFuture.completedFuture(null);
  private volatile CountDownLatch trains = new CountDownLatch(0);

  private RoundEnds(Optional<ExecutorService> beside) {
    this.beside = beside;
  }

  static RoundEnds atOnce() {
    return new RoundEnds(Optional.empty());
  }

  static RoundEnds besideTraining() {
    return new RoundEnds(
        Optional.of(
            Executors.newSingleThreadExecutor(
                work -> {
                  Thread thread = new Thread(work, "round-end");
                  thread.setDaemon(true);
                  return thread;
                })));
  }

  /** Whether anything may go on beside training. */
  boolean overlap() {
    return beside.isPresent();
  }

  /** Does a round's last work, or lets it begin when the next round's training has started. */
  void begin(Runnable work) {
    await();
    if (beside.isPresent()) {
      CountDownLatch started = new CountDownLatch(1);
      trains = started;
      pending = beside.get().submit(() -> after(started, work));
    } else {
      work.run();
    }
  }

  private static void after(CountDownLatch started, Runnable work) {
    try {
      started.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the run was interrupted", e);
    }
    work.run();
  }

  /** What waits for training may begin. Any thread may say so, and more than once. */
  void trainingStarted() {
    trains.countDown();
  }

  /** Waits for what was begun; its failure is thrown once, as it was. */
  void await() {
    trainingStarted(); // or there will be none
    Future<?> begun = pending;
    pending = CompletableFuture.completedFuture(null);
    try {
      begun.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the run was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * Waits for what was begun, also where an interruption has ended {@link #await}: who closes lets
   * go of the files that it writes. An interrupted run interrupts it.
   */
  @Override
  public void close() {
    try {
      await();
    } finally {
      beside.ifPresent(RoundEnds::end);
    }
  }

  private static void end(ExecutorService thread) {
    boolean interrupted = Thread.interrupted();
    thread.shutdown();
    while (true) {
      if (interrupted) {
        thread.shutdownNow();
      }
      try {
        if (thread.awaitTermination(1, TimeUnit.DAYS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
