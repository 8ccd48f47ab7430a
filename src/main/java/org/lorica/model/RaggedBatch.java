package org.lorica.model;

import java.util.Arrays;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.Target;
import org.lorica.data.Tokens;

/**
 * The tokens of all examples one after another, without padding: every operation but attention sees
 * one tall matrix of token rows, and an example's result cannot depend on its neighbours' lengths.
 * An image takes as many rows as its model makes tokens of it; their ids and segments are 0.
 */
final class RaggedBatch {
  private final List<Example> list;
  private final RowRanges ranges;
  private final int[] ids;
  private final int[] segments;
  private final int[] positions;
  private final int[] labels;

  /**
   * @param imageRows token rows of an image
   */
  RaggedBatch(List<Example> examples, int imageRows) {
    list = examples;
    labels = examples.stream().mapToInt(Example::label).toArray();
    ranges = RowRanges.of(examples.stream().mapToInt(e -> rows(e, imageRows)).toArray());
    ids = new int[ranges.rows()];
    segments = new int[ranges.rows()];
    positions = new int[ranges.rows()];
    for (int e = 0; e < examples.size(); e++) {
      if (examples.get(e).input() instanceof Tokens tokens) {
        tokens.copyIds(ids, start(e));
        tokens.copySegments(segments, start(e));
      }
      for (int i = 0; i < length(e); i++) {
        positions[start(e) + i] = i;
      }
    }
  }

  /** Token rows that an example takes. */
  static int rows(Example example, int imageRows) {
    return example.input() instanceof Tokens tokens ? tokens.length() : imageRows;
  }

  int examples() {
    return ranges.count();
  }

  int tokens() {
    return ranges.rows();
  }

  /** Token rows of every example. */
  RowRanges ranges() {
    return ranges;
  }

  /** First token row of an example. */
  int start(int example) {
    return ranges.start(example);
  }

  int length(int example) {
    return ranges.length(example);
  }

  /** The image of an example, which must be one. */
  Image image(int example) {
    return (Image) list.get(example).input();
  }

  /** Token ids of all rows; not to be changed. */
  int[] ids() {
    return ids;
  }

  /** Segment of every row; not to be changed. */
  int[] segments() {
    return segments;
  }

  /** Position of every row within its example; not to be changed. */
  int[] positions() {
    return positions;
  }

  /** Label of every example; not to be changed. */
  int[] labels() {
    return labels;
  }

  Target target(int example) {
    return list.get(example).target();
  }

  /**
   * Token to be predicted by every row, −1 where there is none: on each example's last row, and on
   * those before the response where only that is to be predicted.
   */
  int[] nextTokens() {
    int[] next = new int[ids.length];
    Arrays.fill(next, -1);
    for (int e = 0; e < examples(); e++) {
      int first = target(e) instanceof Target.Response response ? response.from() - 1 : 0;
      for (int i = first; i < length(e) - 1; i++) {
        next[start(e) + i] = ids[start(e) + i + 1];
      }
    }
    return next;
  }
}
