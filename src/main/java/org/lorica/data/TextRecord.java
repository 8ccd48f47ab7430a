package org.lorica.data;

import java.io.Serializable;

/**
 * One record before tokenising.
 *
 * @param text2 the second text of a pair, or the response to {@code text}; empty where there is
 *     none
 * @param target a label, a value, a question's answers, a response, or nothing
 * @param client the natural client's name, empty where there is none
 */
public record TextRecord(String text, String text2, Target target, String client)
    implements Labelled, Serializable {

  /** A single text with a class, or {@link Example#NO_LABEL}. */
  public TextRecord(String text, int label, String client) {
    this(text, "", label == Example.NO_LABEL ? Target.NONE : new Target.Label(label), client);
  }

  @Override
  public int label() {
    return target instanceof Target.Label label ? label.index() : Example.NO_LABEL;
  }
}
