package org.lorica.tensor.cuda;

import java.util.List;
import org.lorica.tensor.Move;

/** Copies and additions of many small matrices in one launch. */
final class MoveBatch {
  private static final int FIELDS = 6; // of Move in kernels.cu
  private static final int MOST = 65_535; // the bound of a grid's y

  private final CudaKernels kernels;

  MoveBatch(CudaKernels kernels) {
    this.kernels = kernels;
  }

  void run(String kernel, List<Move> all) {
    for (int from = 0; from < all.size(); from += MOST) {
      some(kernel, all.subList(from, Math.min(all.size(), from + MOST)));
    }
  }

  private void some(String kernel, List<Move> some) {
    long[] fields = new long[FIELDS * some.size()];
    int most = 0;
    int at = 0;
    for (Move move : some) {
      if (move.from().rows() != move.to().rows() || move.from().cols() != move.to().cols()) {
        throw new IllegalArgumentException(
            "shapes must agree: " + move.from() + " and " + move.to());
      }
      fields[at++] = Arguments.address(move.from());
      fields[at++] = move.from().stride();
      fields[at++] = Arguments.address(move.to());
      fields[at++] = move.to().stride();
      fields[at++] = move.from().rows();
      fields[at++] = move.from().cols();
      most = Math.max(most, move.from().size());
    }
    if (most > 0) {
      Grid grid = Grid.elements(1, most);
      kernels.lane().structures(kernel, grid.times(some.size()), fields);
    }
  }
}
