package org.lorica.federation.metrics;

import java.util.Optional;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.model.Model;
import org.lorica.model.Predictions;

/**
 * What a model made of one example, as little of it as its task's metrics need.
 *
 * @param loss nats, or squared error
 * @param terms how much the loss weighs in a mean: predicted tokens of a language model, else 1
 * @param predicted class, or value
 * @param answer the best answer of a question's window
 */
public record Outcome(
    Example example, double loss, int terms, double predicted, Optional<AnswerGuess> answer) {

  /**
   * The {@code i}-th example of a batch; empty where there is nothing to predict.
   *
   * @param maxAnswer longest answer in tokens, for questions
   */
  public static Optional<Outcome> of(
      Model.Task task, Example example, Predictions predictions, int i, int maxAnswer) {
    double loss = predictions.loss(i);
    if (Double.isNaN(loss)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (task) {
          case SEQUENCE_CLASSIFICATION ->
              new Outcome(example, loss, 1, predictions.best(i), Optional.empty());
          case REGRESSION ->
              new Outcome(example, loss, 1, predictions.logits(i)[0], Optional.empty());
          case QUESTION_ANSWERING ->
              new Outcome(
                  example, loss, 1, Double.NaN, guess(example, predictions.logits(i), maxAnswer));
          case CAUSAL_LANGUAGE_MODELLING ->
              new Outcome(example, loss, predictedTokens(example), Double.NaN, Optional.empty());
        });
  }

  private static int predictedTokens(Example example) {
    int first = example.target() instanceof Target.Response response ? response.from() : 1;
    return example.length() - first;
  }

  private static Optional<AnswerGuess> guess(Example example, float[] scores, int maxAnswer) {
    return example.target() instanceof Target.AnswerSpan span && span.window() != null
        ? Optional.of(AnswerGuess.of(span.window(), scores, maxAnswer))
        : Optional.empty();
  }
}
