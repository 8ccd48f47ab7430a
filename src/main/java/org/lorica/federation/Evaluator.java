package org.lorica.federation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.lorica.data.Example;
import org.lorica.federation.metrics.Outcome;
import org.lorica.federation.metrics.TaskMetrics;
import org.lorica.lora.AdapterSet;
import org.lorica.model.Model;
import org.lorica.model.Predictions;

/** Loss and metric on held-out examples, in threads of the driver. */
public final class Evaluator implements HeldOut {
  private static final int CHUNK = 64;

  private final Workbench workbench;
  private final ForkJoinPool pool; // whose threads end by themselves, idle for a minute

  public Evaluator(Workbench workbench, int threads) {
    this.workbench = workbench;
    this.pool = new ForkJoinPool(threads);
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
    try {
      List<List<Outcome>> outcomes =
          pool.submit(
                  () ->
                      chunks.parallelStream()
                          .map(c -> List.copyOf(outcomes(workbench, adapter, c).values()))
                          .toList())
              .get();
      return summarised(workbench, outcomes.stream().flatMap(List::stream).toList());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("evaluation was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public Evaluation of(AdapterSet adapter) {
    return evaluate(adapter, workbench.population().test());
  }

  /** Pieces that held-out examples are cut into for {@link #scored}. */
  public static int chunks(List<Example> heldOut) {
    return (heldOut.size() + CHUNK - 1) / CHUNK;
  }

  /** Scores the {@code chunk}-th piece of a population's held-out examples in this thread. */
  public static ScoredChunk scored(Workbench workbench, AdapterSet adapter, int chunk) {
    List<Example> heldOut = workbench.population().test();
    int from = chunk * CHUNK;
    List<Example> examples = heldOut.subList(from, Math.min(heldOut.size(), from + CHUNK));
    List<Integer> numbers = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    outcomes(workbench, adapter, examples)
        .forEach(
            (i, outcome) -> {
              numbers.add(from + i);
              outcomes.add(outcome);
            });
    return ScoredChunk.of(numbers, outcomes);
  }

  /** Loss and metrics of all pieces, given in their order. */
  public static Evaluation summarise(Workbench workbench, List<ScoredChunk> chunks) {
    List<Example> heldOut = workbench.population().test();
    return summarised(
        workbench, chunks.stream().flatMap(c -> c.outcomes(heldOut).stream()).toList());
  }

  /** Share of the most frequent label: what guessing it always would score. */
  public static double majorityShare(List<Example> examples) {
    Map<Integer, Long> counts =
        examples.stream().collect(Collectors.groupingBy(Example::label, Collectors.counting()));
    return (double) Collections.max(counts.values()) / examples.size();
  }

  /** By place in the chunk, ascending; without those that have nothing to predict. */
  private static Map<Integer, Outcome> outcomes(
      Workbench workbench, AdapterSet adapter, List<Example> chunk) {
    Predictions predictions =
        workbench.withWorker(
            worker -> {
              worker.useBase(adapter.base());
              return worker.predict(adapter.toArray(), chunk);
            });
    Model.Task task = workbench.model().task();
    int maxAnswer = workbench.questions().maxAnswer();
    Map<Integer, Outcome> outcomes = new LinkedHashMap<>();
    for (int i = 0; i < chunk.size(); i++) {
      int place = i;
      Outcome.of(task, chunk.get(i), predictions, i, maxAnswer)
          .ifPresent(outcome -> outcomes.put(place, outcome));
    }
    return outcomes;
  }

  private static Evaluation summarised(Workbench workbench, List<Outcome> outcomes) {
    return summarise(workbench.model().task(), outcomes, workbench.questions().noAnswerThreshold());
  }

  /**
   * Loss and metrics of a task.
   *
   * @param noAnswerThreshold how much better "no answer" must score than the best answer
   */
  public static Evaluation summarise(
      Model.Task task, List<Outcome> outcomes, double noAnswerThreshold) {
    if (outcomes.isEmpty()) {
      throw new IllegalArgumentException(
          "the held-out examples must have labels (or more than one token), found none that has");
    }
    Map<String, Double> metrics = TaskMetrics.of(task, outcomes, noAnswerThreshold);
    String first = metrics.keySet().iterator().next();
    return new Evaluation(
        outcomes.size(), TaskMetrics.meanLoss(outcomes), first, metrics.get(first), metrics);
  }
}
