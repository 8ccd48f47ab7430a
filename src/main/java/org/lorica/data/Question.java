package org.lorica.data;

import java.io.Serializable;
import java.util.List;

/**
 * A question about a passage with the answers that people gave.
 *
 * @param answers empty where the passage does not answer it
 */
public record Question(String id, String text, String passage, List<Answer> answers)
    implements Serializable {

  public Question {
    answers = List.copyOf(answers);
    for (Answer answer : answers) {
      int end = answer.start() + answer.text().length();
      if (answer.start() < 0
          || answer.text().isEmpty()
          || end > passage.length()
          || !passage.startsWith(answer.text(), answer.start())) {
        throw new IllegalArgumentException(
            "question "
                + id
                + ": the answer must stand in the passage at its answer_start, got \""
                + answer.text()
                + "\" at "
                + answer.start());
      }
    }
  }

  /**
   * A piece of the passage.
   *
   * @param start first character, in UTF-16 units of the passage
   */
  public record Answer(String text, int start) implements Serializable {}
}
