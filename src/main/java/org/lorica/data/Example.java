package org.lorica.data;

import java.io.Serializable;

/** An example: what a model reads, and what it is to predict. */
public final class Example implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Label of an example that has none. */
  public static final int NO_LABEL = -1;

  private final Input input;
  private final Target target;

  /** A text of one segment; takes ownership of {@code tokens}, which must hold at least one id. */
  public Example(int[] tokens, int label) {
    this(new Tokens(tokens), label);
  }

  /** An example of any input and a label, or {@link #NO_LABEL}. */
  public Example(Input input, int label) {
    this(input, label == NO_LABEL ? Target.NONE : new Target.Label(label));
  }

  /** An example of any input and any target. */
  public Example(Input input, Target target) {
    this.input = input;
    this.target = target;
  }

  public Input input() {
    return input;
  }

  /** The tokens. */
  public Tokens tokens() {
    if (input instanceof Tokens tokens) {
      return tokens;
    }
    throw new IllegalArgumentException("an example must hold tokens here, got an " + input);
  }

  /** Number of tokens. */
  public int length() {
    return tokens().length();
  }

  public int token(int position) {
    return tokens().id(position);
  }

  /** What is to be predicted. */
  public Target target() {
    return target;
  }

  /** The class, or {@link #NO_LABEL}. */
  public int label() {
    return target instanceof Target.Label label ? label.index() : NO_LABEL;
  }

  @Override
  public String toString() {
    return "Example(" + input + ", " + target + ")";
  }
}
