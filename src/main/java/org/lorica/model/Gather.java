package org.lorica.model;

import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/** Rows picked by index, the same way for every example. */
final class Gather {
  private Gather() {}

  /**
   * New memory whose row i, for every example, is the example's row {@code index[i]} of {@code
   * from}; 0 where the index is negative.
   */
  static Tensor rows(Pass pass, Tensor from, int[] index) {
    Tensor to = pass.allocate(pass.batch().examples() * index.length, from.cols());
    into(pass, from, index, to);
    return to;
  }

  /** As {@link #rows}, into given memory. */
  static void into(Pass pass, Tensor from, int[] index, Tensor to) {
    Kernels kernels = pass.kernels();
    int examples = pass.batch().examples();
    int each = examples == 0 ? 0 : from.rows() / examples;
    int[] ids = new int[to.rows()];
    boolean gaps = false;
    for (int i = 0; i < ids.length; i++) {
      int picked = index[i % index.length];
      gaps |= picked < 0;
      ids[i] = picked < 0 ? from.rows() : i / index.length * each + picked;
    }
    kernels.fill(0, to);
    kernels.addEmbedding(gaps ? withZeroRow(pass, from) : from, ids, to);
  }

  private static Tensor withZeroRow(Pass pass, Tensor from) {
    Tensor table = pass.allocate(from.rows() + 1, from.cols());
    pass.kernels().copy(from, table.rows(0, from.rows()));
    pass.kernels().fill(0, table.rows(from.rows(), 1));
    return table;
  }
}
