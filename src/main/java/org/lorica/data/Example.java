package org.lorica.data;

import java.io.Serializable;

/** An example: tokens or an image and, for classification, a label. */
public final class Example implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Label of an example that has none. */
  public static final int NO_LABEL = -1;

  private final Input input;
  private final int label;

  /** A text of one segment; takes ownership of {@code tokens}, which must hold at least one id. */
  public Example(int[] tokens, int label) {
    this(new Tokens(tokens), label);
  }

  /** An example of any input. */
  public Example(Input input, int label) {
    this.input = input;
    this.label = label;
  }

  public Input input() {
    return input;
  }

  /** The tokens; an error if the example is an image. */
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

  /** The class, or {@link #NO_LABEL}. */
  public int label() {
    return label;
  }

  @Override
  public String toString() {
    return "Example(" + input + ", label " + label + ")";
  }
}
