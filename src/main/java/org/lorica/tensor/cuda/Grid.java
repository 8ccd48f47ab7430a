package org.lorica.tensor.cuda;

/**
 * How many blocks of how many threads a kernel runs on: functions of a matrix's shape alone, so
 * that sums have the same order wherever they run.
 *
 * @param x blocks along x
 * @param y blocks along y
 * @param threads of a block, whole warps
 */
record Grid(int x, int y, int threads) {
  private static final int WARP = 32;
  private static final int MOST_THREADS = 256;
  private static final int MOST_BLOCKS = 65_535; // the bound of a grid's y

  /** One thread an element, or a few elements a thread. */
  static Grid elements(int rows, int cols) {
    int threads = threads(cols);
    long x = ((long) cols + threads - 1) / threads;
    return new Grid((int) Math.min(x, MOST_BLOCKS), Math.min(rows, MOST_BLOCKS), threads);
  }

  /** One block a row; four elements a thread, as far as that goes. */
  static Grid rows(int rows, int cols) {
    return new Grid(rows, 1, threads((cols + 3) / 4));
  }

  /** As {@link #rows}, for many matrices, or for parts of every row. */
  Grid times(int count) {
    return new Grid(x, count, threads);
  }

  private static int threads(int wanted) {
    int threads = WARP;
    while (threads < wanted && threads < MOST_THREADS) {
      threads *= 2;
    }
    return threads;
  }
}
