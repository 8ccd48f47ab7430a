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
  private List<Example> list = List.of();
  private RowRanges ranges = RowRanges.of(new int[0]);
  private int[] labels = new int[0];
  private int[] ids = new int[0]; // as long as the longest batch so far, as all below
  private int[] segments = new int[0];
  private int[] positions = new int[0];
  private int[] integers = new int[0];
  private double[] numbers = new double[0];

  /** An empty batch. */
  RaggedBatch() {}

  /** As {@link #fill} leaves it. */
  RaggedBatch(List<Example> examples, int imageRows) {
    fill(examples, imageRows);
  }

  /**
   * Makes this the batch of these examples; the one before is no more.
   *
   * @param imageRows token rows of an image
   */
  void fill(List<Example> examples, int imageRows) {
    list = examples;
    labels = new int[examples.size()];
    int[] lengths = new int[examples.size()];
    for (int e = 0; e < lengths.length; e++) {
      labels[e] = examples.get(e).label();
      lengths[e] = rows(examples.get(e), imageRows);
    }
    ranges = RowRanges.of(lengths);
    reserve(ranges.rows());
    for (int e = 0; e < examples.size(); e++) {
      Arrays.fill(ids, start(e), start(e) + length(e), 0);
      Arrays.fill(segments, start(e), start(e) + length(e), 0);
      if (examples.get(e).input() instanceof Tokens tokens) {
        tokens.copyIds(ids, start(e));
        tokens.copySegments(segments, start(e));
      }
      for (int i = 0; i < length(e); i++) {
        positions[start(e) + i] = i;
      }
    }
  }

  private void reserve(int rows) {
    if (ids.length < rows) {
      ids = new int[rows];
      segments = new int[rows];
      positions = new int[rows];
      integers = new int[rows];
      numbers = new double[rows];
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

  /** Token ids of all rows, and perhaps more; not to be changed. */
  int[] ids() {
    return ids;
  }

  /** Segment of every row, and perhaps more; not to be changed. */
  int[] segments() {
    return segments;
  }

  /** Position of every row within its example, and perhaps more; not to be changed. */
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
   * those before the response where only that is to be predicted. Made in {@link #integers}.
   */
  int[] nextTokens() {
    Arrays.fill(integers, -1);
    for (int e = 0; e < examples(); e++) {
      int first = target(e) instanceof Target.Response response ? response.from() - 1 : 0;
      for (int i = first; i < length(e) - 1; i++) {
        integers[start(e) + i] = ids[start(e) + i + 1];
      }
    }
    return integers;
  }

  /** At least one integer a row, for any use within one operation. */
  int[] integers() {
    return integers;
  }

  /** At least one number a row, for any use within one operation. */
  double[] numbers() {
    return numbers;
  }
}
