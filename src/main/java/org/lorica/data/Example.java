package org.lorica.data;

import java.util.Arrays;

/** A tokenised example: token ids and, for classification, a label. */
public final class Example {
  /** Label of an example that has none. */
  public static final int NO_LABEL = -1;

  private final int[] tokens;
  private final int label;

  /** Takes ownership of {@code tokens}, which must hold at least one id. */
  public Example(int[] tokens, int label) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("an example must hold at least one token, got 0");
    }
    this.tokens = tokens;
    this.label = label;
  }

  public int length() {
    return tokens.length;
  }

  public int token(int position) {
    return tokens[position];
  }

  /** Copies the ids to {@code target} starting at {@code from}. */
  public void copyTokens(int[] target, int from) {
    System.arraycopy(tokens, 0, target, from, tokens.length);
  }

  /** The class, or {@link #NO_LABEL}. */
  public int label() {
    return label;
  }

  @Override
  public String toString() {
    return "Example(" + Arrays.toString(tokens) + ", label " + label + ")";
  }
}
