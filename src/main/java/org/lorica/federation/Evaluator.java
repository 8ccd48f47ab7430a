package org.lorica.federation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.lorica.data.Example;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.model.Predictions;

/** Loss and metric on held-out examples, in threads of the driver. */
public final class Evaluator {
  private static final int CHUNK = 64;

  private final Workbench workbench;
  private final int threads;

  public Evaluator(Workbench workbench, int threads) {
    this.workbench = workbench;
    this.threads = threads;
  }

  /** Sums run in the order of the examples: the figures do not depend on the number of threads. */
  public Evaluation evaluate(AdapterSet adapter, List<Example> examples) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("there must be held-out examples to evaluate on, got 0");
    }
    float[] values = adapter.toArray();
    List<List<Example>> chunks = new ArrayList<>();
    for (int from = 0; from < examples.size(); from += CHUNK) {
      chunks.add(examples.subList(from, Math.min(examples.size(), from + CHUNK)));
    }
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      List<Tally> tallies =
          pool.submit(() -> chunks.parallelStream().map(c -> tally(values, c)).toList()).get();
      return summarise(tallies.stream().reduce(new Tally(0, 0, 0), Tally::plus));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("evaluation was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdown();
    }
  }

  /** Share of the most frequent label: what guessing it always would score. */
  public static double majorityShare(List<Example> examples) {
    Map<Integer, Long> counts =
        examples.stream().collect(Collectors.groupingBy(Example::label, Collectors.counting()));
    return (double) Collections.max(counts.values()) / examples.size();
  }

  private Tally tally(float[] values, List<Example> chunk) {
    Predictions predictions = workbench.worker().predict(values, chunk);
    Tally tally = new Tally(0, 0, 0);
    for (int i = 0; i < chunk.size(); i++) {
      if (!Double.isNaN(predictions.loss(i))) {
        int correct = predictions.best(i) == chunk.get(i).label() ? 1 : 0;
        tally = tally.plus(new Tally(1, predictions.loss(i), correct));
      }
    }
    return tally;
  }

  private Evaluation summarise(Tally tally) {
    double loss = tally.loss() / tally.examples();
    return workbench.model().task() == Model.Task.SEQUENCE_CLASSIFICATION
        ? new Evaluation(
            tally.examples(), loss, "accuracy", (double) tally.correct() / tally.examples())
        : new Evaluation(tally.examples(), loss, "perplexity", Math.exp(loss));
  }

  private record Tally(int examples, double loss, int correct) {
    Tally plus(Tally other) {
      return new Tally(examples + other.examples, loss + other.loss, correct + other.correct);
    }
  }
}
