package org.lorica.model;

import java.util.Arrays;
import java.util.List;
import org.lorica.data.Example;
import org.lorica.data.Target;
import org.lorica.data.Tokens;

/**
 * The tokens of all examples one after another, without padding: every operation but attention sees
 * one tall matrix of token rows, and an example's result cannot depend on its neighbours' lengths.
 */
final class RaggedBatch {
  private final int[] ids;
  private final int[] positions;
  private final int[] starts; // one more than examples
  private final int[] segments;
  private final List<Target> targets;

  RaggedBatch(List<Example> examples) {
    starts = new int[examples.size() + 1];
    targets = examples.stream().map(Example::target).toList();
    for (int e = 0; e < examples.size(); e++) {
      starts[e + 1] = Math.addExact(starts[e], examples.get(e).length());
    }
    ids = new int[starts[examples.size()]];
    positions = new int[ids.length];
    segments = new int[ids.length];
    for (int e = 0; e < examples.size(); e++) {
      Tokens tokens = examples.get(e).tokens();
      tokens.copyIds(ids, starts[e]);
      tokens.copySegments(segments, starts[e]);
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

  /** Segment (token_type_id) of every row; not to be changed. */
  int[] segments() {
    return segments;
  }

  Target target(int example) {
    return targets.get(example);
  }

  /**
   * Token to be predicted by every row, −1 where there is none: on each example's last row, and on
   * those before the response where only that is to be predicted.
   */
  int[] nextTokens() {
    int[] next = new int[ids.length];
    Arrays.fill(next, -1);
    for (int e = 0; e < examples(); e++) {
      int first = targets.get(e) instanceof Target.Response response ? response.from() - 1 : 0;
      int last = length(e) - 1;
      for (int i = first; i < last; i++) {
        next[starts[e] + i] = ids[starts[e] + i + 1];
      }
    }
    return next;
  }
}
