package org.lorica.data;

import java.io.Serializable;

/** Where the tokens of one example stand in the passage of a question. */
public final class PassageWindow implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Question question;
  private final int[] begins; // −1 for tokens outside the passage
  private final int[] ends;

  /**
   * Takes ownership of both arrays, one element a token.
   *
   * @param begins first character of a token in the passage, −1 for tokens that are not of the
   *     passage
   * @param ends character after its last
   */
  public PassageWindow(Question question, int[] begins, int[] ends) {
    if (begins.length != ends.length) {
      throw new IllegalArgumentException(
          "begins and ends must be of one length, got " + begins.length + " and " + ends.length);
    }
    this.question = question;
    this.begins = begins;
    this.ends = ends;
  }

  public Question question() {
    return question;
  }

  /** Whether a token is one of the passage's. */
  public boolean inPassage(int token) {
    return token >= 0 && begins[token] >= 0;
  }

  /** The passage from the first character of one token to the last of another. */
  public String text(int firstToken, int lastToken) {
    return question.passage().substring(begins[firstToken], ends[lastToken]);
  }

  int begin(int token) {
    return begins[token];
  }

  int end(int token) {
    return ends[token];
  }

  int tokens() {
    return begins.length;
  }
}
