package org.lorica.federation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lorica.data.Example;
import org.lorica.federation.metrics.AnswerGuess;
import org.lorica.federation.metrics.Outcome;

/**
 * What a model made of consecutive held-out examples, without the examples: who reads it has them.
 */
public final class ScoredChunk implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] examples;
  private final double[] losses;
  private final int[] terms;
  private final double[] predicted;
  private final AnswerGuess[] answers;

  private ScoredChunk(int size) {
    examples = new int[size];
    losses = new double[size];
    terms = new int[size];
    predicted = new double[size];
    answers = new AnswerGuess[size];
  }

  /**
   * @param numbers of the examples that have an outcome, one for each
   */
  static ScoredChunk of(List<Integer> numbers, List<Outcome> outcomes) {
    ScoredChunk chunk = new ScoredChunk(outcomes.size());
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      chunk.examples[i] = numbers.get(i);
      chunk.losses[i] = outcome.loss();
      chunk.terms[i] = outcome.terms();
      chunk.predicted[i] = outcome.predicted();
      chunk.answers[i] = outcome.answer().orElse(null);
    }
    return chunk;
  }

  /** The outcomes with their examples. */
  List<Outcome> outcomes(List<Example> heldOut) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < examples.length; i++) {
      outcomes.add(
          new Outcome(
              heldOut.get(examples[i]),
              losses[i],
              terms[i],
              predicted[i],
              Optional.ofNullable(answers[i])));
    }
    return outcomes;
  }
}
