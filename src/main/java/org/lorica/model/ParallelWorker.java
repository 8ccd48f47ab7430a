package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.GradientSpace;

/**
 * One client's passes on several threads: the batch is cut into runs of examples, one a thread.
 * Examples do not meet below the clipped sum, so threads wait for each other once a pass; results
 * are those of one thread up to the rounding of matrix products of another height. For a single
 * local worker; where Spark's tasks fill the cores, they are the parallelism.
 */
public final class ParallelWorker implements Worker, AutoCloseable {
  private final List<Worker> workers;
  private final ExecutorService threads;

  private ParallelWorker(List<Worker> workers) {
    this.workers = List.copyOf(workers);
    this.threads =
        Executors.newFixedThreadPool(
            workers.size(),
            work -> {
              Thread thread = new Thread(work, "lorica-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Workers for {@code threads} threads over one model. */
  public static ParallelWorker of(Model model, AdapterLayout layout, int threads) {
    if (threads <= 0) {
      throw new IllegalArgumentException("threads must be > 0, got " + threads);
    }
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(model.worker(layout));
    }
    return new ParallelWorker(workers);
  }

  @Override
  public void useBase(BaseUpdate update) {
    workers.forEach(worker -> worker.useBase(update));
  }

  @Override
  public int mostExamples() {
    int least = workers.stream().mapToInt(Worker::mostExamples).min().orElseThrow();
    return (int) Math.min(Integer.MAX_VALUE, (long) least * workers.size());
  }

  @Override
  public Predictions predict(float[] adapter, List<Example> batch) {
    List<Predictions> parts = onParts(batch, (worker, part) -> worker.predict(adapter, part));
    float[][] logits = new float[batch.size()][];
    double[] losses = new double[batch.size()];
    int at = 0;
    for (Predictions part : parts) {
      for (int e = 0; e < part.examples(); e++) {
        logits[at] = part.logits(e);
        losses[at++] = part.loss(e);
      }
    }
    return new Predictions(logits, losses);
  }

  @Override
  public PerExampleGradients gradients(float[] adapter, ActiveTensors active, List<Example> batch) {
    return gradients(adapter, active, GradientSpace.FACTORS, batch);
  }

  @Override
  public PerExampleGradients gradients(
      float[] adapter, ActiveTensors active, GradientSpace space, List<Example> batch) {
    return new JoinedGradients(
        onParts(batch, (worker, part) -> worker.gradients(adapter, active, space, part)));
  }

  private <T> List<T> onParts(List<Example> batch, BiFunction<Worker, List<Example>, T> pass) {
    int count = workers.size();
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Worker worker = workers.get(i);
      int from = (int) ((long) batch.size() * i / count);
      List<Example> part = batch.subList(from, (int) ((long) batch.size() * (i + 1) / count));
      running.add(threads.submit(() -> pass.apply(worker, part)));
    }
    List<T> results = new ArrayList<>();
    RuntimeException failure = null;
    for (Future<T> part : running) { // all of them: none may still compute when this returns
      try {
        results.add(result(part));
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("a pass through the model was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
