package org.lorica.federation.metrics;

import java.io.Serializable;
import org.lorica.data.PassageWindow;
import org.lorica.data.Question;

/**
 * The best answer within one window of a passage.
 *
 * @param score of its first token plus that of its last; −∞ where the window has no passage
 * @param noAnswerScore the same of the first special token
 */
public record AnswerGuess(Question question, String text, double score, double noAnswerScore)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * The best pair first ≤ last of passage tokens.
   *
   * @param scores of all tokens as first, then of all as last
   * @param maxAnswer most tokens
   */
  static AnswerGuess of(PassageWindow window, float[] scores, int maxAnswer) {
    int tokens = scores.length / 2;
    double best = Double.NEGATIVE_INFINITY;
    int first = -1;
    int last = -1;
    for (int i = 0; i < tokens; i++) {
      for (int j = i; j < Math.min(tokens, i + maxAnswer); j++) {
        double score = (double) scores[i] + scores[tokens + j];
        if (window.inPassage(i) && window.inPassage(j) && score > best) {
          best = score;
          first = i;
          last = j;
        }
      }
    }
    String text = first < 0 ? "" : window.text(first, last);
    return new AnswerGuess(window.question(), text, best, (double) scores[0] + scores[tokens]);
  }
}
