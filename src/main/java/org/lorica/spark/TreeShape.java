package org.lorica.spark;

/**
 * How partial sums are added up on the way to the driver: the depth of {@code treeAggregate}, and
 * whether its last additions are made by an executor.
 */
record TreeShape(int depth, boolean finishedByExecutor) {
  /** All partial sums together may come to the driver at once where they are no more than this. */
  private static final long SMALL = 16L << 20;

  /** Share of spark.driver.maxResultSize that the partial sums of one aggregation may take. */
  private static final int SHARE = 4;

  /**
   * A shape with which the driver receives at most √partitions partial sums, and one where they
   * would take more than a quarter of what it may receive. Sums that are small in all come at once:
   * every level costs a stage.
   *
   * @param payload bytes of one partial sum
   * @param maxResultSize spark.driver.maxResultSize in bytes, 0 for no limit
   */
  static TreeShape of(int partitions, long payload, long maxResultSize) {
    long limit = maxResultSize == 0 ? Long.MAX_VALUE : maxResultSize / SHARE;
    if (partitions * payload <= Math.min(SMALL, limit)) {
      return new TreeShape(1, false);
    }
    int arriving = arriving(partitions, 2);
    boolean many = arriving > Math.sqrt(partitions) || arriving * payload > limit;
    return new TreeShape(2, many);
  }

  /** A given depth; the last additions are moved only where the driver would refuse the result. */
  static TreeShape ofDepth(int depth, int partitions, long payload, long maxResultSize) {
    boolean refused = maxResultSize > 0 && arriving(partitions, depth) * payload > maxResultSize;
    return new TreeShape(depth, refused);
  }

  /** Partial sums that the driver receives. */
  int arriving(int partitions) {
    return finishedByExecutor ? 1 : arriving(partitions, depth);
  }

  /** What treeAggregate leaves for the driver, by its own rule. */
  private static int arriving(int partitions, int depth) {
    int scale = Math.max((int) Math.ceil(Math.pow(partitions, 1.0 / depth)), 2);
    int left = partitions;
    while (left > scale + Math.ceil((double) left / scale)) {
      left /= scale;
    }
    return left;
  }
}
