package org.lorica.data;

import java.util.Arrays;

/** A tokenised example: token ids, the segment that each belongs to, and what to predict. */
public final class Example {
  /** Label of an example that has none. */
  public static final int NO_LABEL = -1;

  private final int[] tokens;
  private final int[] segments; // null: all in segment 0
  private final Target target;

  /** Takes ownership of {@code tokens}, which must hold at least one id; all are in segment 0. */
  public Example(int[] tokens, int label) {
    this(tokens, null, label == NO_LABEL ? Target.NONE : new Target.Label(label));
  }

  /**
   * Takes ownership of both arrays.
   *
   * @param tokens at least one id
   * @param segments token_type_ids, one a token; null where all are 0
   */
  public Example(int[] tokens, int[] segments, Target target) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("an example must hold at least one token, got 0");
    }
    if (segments != null && segments.length != tokens.length) {
      throw new IllegalArgumentException(
          "an example must have one segment a token, got "
              + segments.length
              + " for "
              + tokens.length
              + " tokens");
    }
    this.tokens = tokens;
    this.segments = segments;
    this.target = target;
  }

  public int length() {
    return tokens.length;
  }

  public int token(int position) {
    return tokens[position];
  }

  /** The segment (token_type_id) of a token. */
  public int segment(int position) {
    return segments == null ? 0 : segments[position];
  }

  /** Copies the ids to {@code target} starting at {@code from}. */
  public void copyTokens(int[] target, int from) {
    System.arraycopy(tokens, 0, target, from, tokens.length);
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
    return "Example(" + Arrays.toString(tokens) + ", " + target + ")";
  }
}
