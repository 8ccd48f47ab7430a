package org.lorica.model;

import java.util.List;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Move;
import org.lorica.tensor.Tensor;

/**
 * The first rows of every example where nothing above reads more, such as a head on the first
 * token: the last layer then needs keys and values of all tokens, and everything else of these rows
 * only. Where all rows are read, every method hands back what it was given.
 */
final class LeadingRows {
  private final Pass all;
  private final Pass leading;

  private LeadingRows(Pass all, Pass leading) {
    this.all = all;
    this.leading = leading;
  }

  /** As many rows an example as {@link Pass#leadingRows} says. */
  static LeadingRows of(Pass pass) {
    int most = pass.leadingRows();
    if (most == Pass.ALL_ROWS) {
      return new LeadingRows(pass, pass);
    }
    int[] lengths = new int[pass.ranges().count()];
    for (int e = 0; e < lengths.length; e++) {
      lengths[e] = Math.min(most, pass.ranges().length(e));
    }
    return new LeadingRows(pass, pass.over(RowRanges.of(lengths)));
  }

  /** The pass whose rows are the leading ones. */
  Pass pass() {
    return leading;
  }

  /** Whether other rows are left out. */
  boolean narrow() {
    return leading != all;
  }

  /** The leading rows of {@code rows}, which has all. */
  Tensor gather(Tensor rows) {
    if (!narrow()) {
      return rows;
    }
    Tensor some = leading.tokenRows(rows.cols());
    all.kernels().copyEach(moves(rows, all.ranges(), some, leading.ranges()));
    return some;
  }

  /** All rows, in new memory; those that are not leading are unspecified. */
  Tensor spread(Tensor some) {
    if (!narrow()) {
      return some;
    }
    Tensor rows = all.tokenRows(some.cols());
    all.kernels().copyEach(moves(some, leading.ranges(), rows, all.ranges()));
    return rows;
  }

  /** Adds the leading rows to their places among all; nothing where they are all rows. */
  void add(Tensor some, Tensor rows) {
    if (narrow()) {
      all.kernels().addEach(moves(some, leading.ranges(), rows, all.ranges()));
    }
  }

  /** Of the leading rows of every example, from where they stand to where they shall. */
  private List<Move> moves(Tensor from, RowRanges places, Tensor to, RowRanges targets) {
    ArgumentList<Move> moves = all.work().moves();
    for (int e = 0; e < leading.ranges().count(); e++) {
      int length = leading.ranges().length(e);
      moves.next().set(from.rows(places.start(e), length), to.rows(targets.start(e), length));
    }
    return moves;
  }
}
