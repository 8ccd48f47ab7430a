package org.lorica.data;

import java.util.Arrays;

/** Token ids with, for pairs of texts, the segment (token type) of every token. */
public final class Tokens implements Input {
  private static final long serialVersionUID = 1L;

  private final int[] ids;
  private final int[] segments; // null: all 0

  /** Takes ownership of {@code ids}, which must hold at least one; every segment is 0. */
  public Tokens(int[] ids) {
    this(ids, null);
  }

  /**
   * Takes ownership of both arrays.
   *
   * @param segments one a token, as {@code token_type_ids} of Hugging Face's tokenizers; null for
   *     all 0
   */
  public Tokens(int[] ids, int[] segments) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("an example must hold at least one token, got 0");
    }
    if (segments != null && segments.length != ids.length) {
      throw new IllegalArgumentException(
          "segments must be one a token, " + ids.length + " in all, got " + segments.length);
    }
    this.ids = ids;
    this.segments = segments;
  }

  public int length() {
    return ids.length;
  }

  public int id(int position) {
    return ids[position];
  }

  /** Segment of a token; 0 where none were given. */
  public int segment(int position) {
    return segments == null ? 0 : segments[position];
  }

  /** Copies the ids to {@code target} starting at {@code from}. */
  public void copyIds(int[] target, int from) {
    System.arraycopy(ids, 0, target, from, ids.length);
  }

  /**
   * Copies the segments to {@code target} starting at {@code from}; leaves it alone if all are 0.
   */
  public void copySegments(int[] target, int from) {
    if (segments != null) {
      System.arraycopy(segments, 0, target, from, segments.length);
    }
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
