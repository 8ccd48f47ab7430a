package org.lorica.data;

import java.io.Serializable;

/** What an example is to be predicted as, one kind a task. */
public sealed interface Target extends Serializable {
  /** Of an example that has none; a language model then predicts every token. */
  Target NONE = new None();

  /** Nothing to predict, or every next token. */
  record None() implements Target {}

  /** A class, from 0. */
  record Label(int index) implements Target {
    public Label {
      if (index < 0) {
        throw new IllegalArgumentException("a label must be >= 0, got " + index);
      }
    }
  }

  /** A number, for regression. */
  record Value(double value) implements Target {
    public Value {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a regression value must be finite, got " + value);
      }
    }
  }

  /**
   * The tokens that answer a question, both ends within; 0 and 0, the first special token, say that
   * there is no answer.
   *
   * @param window where the tokens stand in the passage; needed to score answers, not to train
   */
  record AnswerSpan(int first, int last, PassageWindow window) implements Target {
    public AnswerSpan {
      if (first < 0 || last < first) {
        throw new IllegalArgumentException(
            "an answer's tokens must be 0 <= first <= last, got " + first + " and " + last);
      }
    }
  }

  /** Only the tokens from this position on are predicted: the response to a prompt. */
  record Response(int from) implements Target {
    public Response {
      if (from < 1) {
        throw new IllegalArgumentException(
            "a response must start at token >= 1, for the first token is predicted from nothing,"
                + " got "
                + from);
      }
    }
  }

  /** The questions of a passage that are not tokenised yet. */
  record Answers(Question question) implements Target {}
}
