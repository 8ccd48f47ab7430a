package org.lorica.federation;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.FixedPointSum;
import org.lorica.tensor.Matrix;

/** Clients trained by threads of this JVM: Spark's plain twin. */
public final class LocalCohort implements Cohort {
  private final List<ClientUpdate> updates;

  public LocalCohort(List<ClientUpdate> updates) {
    this.updates = List.copyOf(updates);
  }

  /** A pool of {@code threads} threads over a workbench. */
  public static ClientPool pool(Workbench workbench, int threads) {
    return pool(workbench::train, threads);
  }

  /** The same, where {@code lanes} clients at a time train in lock-step. */
  public static ClientPool pool(Workbench workbench, int threads, int lanes) {
    ForkJoinPool pool = new ForkJoinPool(threads);
    return (task, participants) ->
        new LocalCohort(
            on(
                pool,
                () ->
                    Workbench.groups(participants, lanes).parallelStream()
                        .flatMap(group -> workbench.train(task, group).stream())
                        .toList()));
  }

  /**
   * A pool of {@code threads} threads that train clients in a given way. Threads stay from round to
   * round; idle for a minute, they end by themselves.
   */
  static ClientPool pool(BiFunction<LocalTask, Participant, ClientUpdate> training, int threads) {
    ForkJoinPool pool = new ForkJoinPool(threads);
    return (task, participants) ->
        new LocalCohort(
            on(
                pool,
                () -> participants.parallelStream().map(p -> training.apply(task, p)).toList()));
  }

  private static List<ClientUpdate> on(ForkJoinPool pool, Callable<List<ClientUpdate>> work) {
    try {
      return pool.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("local training was interrupted", e);
    } catch (ExecutionException e) {
      if (origin(e) instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(origin(e));
    }
  }

  /** What a pool's thread threw; the pool wraps it in exceptions of the same class. */
  private static Throwable origin(ExecutionException thrown) {
    Throwable origin = thrown.getCause();
    while (origin.getCause() != null && origin.getClass() == origin.getCause().getClass()) {
      origin = origin.getCause();
    }
    return origin;
  }

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    FixedPointSum sum = new FixedPointSum();
    for (ClientUpdate update : updates) {
      sum.addInPlace(message.from(update.trained()), update.participant().weight());
    }
    return sum.toMatrices();
  }

  @Override
  public TrainingStats stats() {
    return report().stats();
  }

  @Override
  public List<ClientFailure> failures() {
    return report().failures();
  }

  private CohortReport report() {
    return updates.stream().map(CohortReport::of).reduce(CohortReport.NONE, CohortReport::plus);
  }

  @Override
  public void close() {}
}
