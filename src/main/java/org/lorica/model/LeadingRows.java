package org.lorica.model;

import org.lorica.tensor.Kernels;
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
    forRanges(rows, some, (kernels, wide, narrow) -> kernels.copy(wide, narrow));
    return some;
  }

  /** All rows, in new memory; those that are not leading are unspecified. */
  Tensor spread(Tensor some) {
    if (!narrow()) {
      return some;
    }
    Tensor rows = all.tokenRows(some.cols());
    forRanges(rows, some, (kernels, wide, narrow) -> kernels.copy(narrow, wide));
    return rows;
  }

  /** Adds the leading rows to their places among all; nothing where they are all rows. */
  void add(Tensor some, Tensor rows) {
    if (narrow()) {
      forRanges(rows, some, (kernels, wide, narrow) -> kernels.axpy(1, narrow, wide));
    }
  }

  private interface OnRows {
    void apply(Kernels kernels, Tensor wide, Tensor narrow);
  }

  private void forRanges(Tensor rows, Tensor some, OnRows operation) {
    for (int e = 0; e < leading.ranges().count(); e++) {
      int length = leading.ranges().length(e);
      operation.apply(
          all.kernels(),
          rows.rows(all.ranges().start(e), length),
          some.rows(leading.ranges().start(e), length));
    }
  }
}
