package org.lorica.model;

import java.util.List;
import org.lorica.data.Example;

/**
 * The tokens of all examples one after another, without padding: every operation but attention sees
 * one tall matrix of token rows, and an example's result cannot depend on its neighbours' lengths.
 */
final class RaggedBatch {
  private final int[] ids;
  private final int[] positions;
  private final int[] starts; // one more than examples
  private final int[] labels;

  RaggedBatch(List<Example> examples) {
    starts = new int[examples.size() + 1];
    labels = examples.stream().mapToInt(Example::label).toArray();
    for (int e = 0; e < examples.size(); e++) {
      starts[e + 1] = Math.addExact(starts[e], examples.get(e).length());
    }
    ids = new int[starts[examples.size()]];
    positions = new int[ids.length];
    for (int e = 0; e < examples.size(); e++) {
      examples.get(e).copyTokens(ids, starts[e]);
      for (int i = starts[e]; i < starts[e + 1]; i++) {
        positions[i] = i - starts[e];
      }
    }
  }

  int examples() {
    return starts.length - 1;
  }

  int tokens() {
    return ids.length;
  }

  /** First token row of an example. */
  int start(int example) {
    return starts[example];
  }

  int length(int example) {
    return starts[example + 1] - starts[example];
  }

  /** Token ids of all rows; not to be changed. */
  int[] ids() {
    return ids;
  }

  /** Position of every row within its example; not to be changed. */
  int[] positions() {
    return positions;
  }

  /** Label of every example; not to be changed. */
  int[] labels() {
    return labels;
  }

  /** Next token of every row, −1 on each example's last. */
  int[] nextTokens() {
    int[] next = new int[ids.length];
    for (int e = 0; e < examples(); e++) {
      int last = starts[e + 1] - 1;
      System.arraycopy(ids, starts[e] + 1, next, starts[e], last - starts[e]);
      next[last] = -1;
    }
    return next;
  }
}
