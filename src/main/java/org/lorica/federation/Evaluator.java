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
import org.lorica.model.Worker;

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
    List<List<Example>> chunks = new ArrayList<>();
    for (int from = 0; from < examples.size(); from += CHUNK) {
      chunks.add(examples.subList(from, Math.min(examples.size(), from + CHUNK)));
    }
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      List<Tally> tallies =
          pool.submit(() -> chunks.parallelStream().map(c -> tally(adapter, c)).toList()).get();
      return summarise(tallies.stream().reduce(Tally.NONE, Tally::plus));
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

  private Tally tally(AdapterSet adapter, List<Example> chunk) {
    Worker worker = workbench.worker();
    worker.useBase(adapter.base());
    Predictions predictions = worker.predict(adapter.toArray(), chunk);
    Tally tally = Tally.NONE;
    for (int i = 0; i < chunk.size(); i++) {
      if (!Double.isNaN(predictions.loss(i))) {
        Example example = chunk.get(i);
        int terms = language() ? example.length() - 1 : 1;
        int correct = predictions.best(i) == example.label() ? 1 : 0;
        tally = tally.plus(new Tally(1, terms, terms * predictions.loss(i), correct));
      }
    }
    return tally;
  }

  private boolean language() {
    return workbench.model().task() == Model.Task.CAUSAL_LANGUAGE_MODELLING;
  }

  private Evaluation summarise(Tally tally) {
    if (tally.examples() == 0) {
      throw new IllegalArgumentException(
          "the held-out examples must have labels (or more than one token), found none that has");
    }
    double loss = tally.loss() / tally.terms();
    return language()
        ? new Evaluation(tally.examples(), loss, "perplexity", Math.exp(loss))
        : new Evaluation(
            tally.examples(), loss, "accuracy", (double) tally.correct() / tally.examples());
  }

  /** Sums: of a language model's loss over predicted tokens, of a classifier's over examples. */
  private record Tally(int examples, long terms, double loss, int correct) {
    static final Tally NONE = new Tally(0, 0, 0, 0);

    Tally plus(Tally other) {
      return new Tally(
          examples + other.examples,
          terms + other.terms,
          loss + other.loss,
          correct + other.correct);
    }
  }
}
