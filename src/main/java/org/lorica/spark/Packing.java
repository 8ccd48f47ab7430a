package org.lorica.spark;

import org.lorica.config.FederationConfig;

/**
 * How many partitions a round's clients are dealt to. Changes the speed, never the result.
 *
 * <p>A fixed packing is what the configuration says. The adaptive one ({@code clients-per-partition
 * = 0}) keeps Spark's own work below a tenth of a round: a partition is a task in each of about
 * four stages (training, and two exchanges of two), a task costs the driver some milliseconds, so
 * there is one partition for every tenth of a second that the round takes; but no slot stays empty,
 * and more than eight partitions a slot even out nothing.
 */
final class Packing {
  private static final double SECONDS_PER_PARTITION = 0.1;
  private static final int MOST_PER_SLOT = 8;
  private static final int FIRST_ROUND_PER_SLOT = 2;

  private final FederationConfig.Packing settings;
  private final int slots;
  private double slotSecondsPerClient = Double.POSITIVE_INFINITY;

  /**
   * @param slots tasks that run at a time
   */
  Packing(FederationConfig.Packing settings, int slots) {
    this.settings = settings;
    this.slots = Math.max(1, slots);
  }

  /** Partitions for a cohort of {@code clients} ≥ 1; at least 1, at most one a client. */
  int partitions(int clients) {
    int perPartition = settings.clientsPerPartition();
    int wanted =
        settings.partitions() > 0
            ? settings.partitions()
            : perPartition > 0 ? (clients + perPartition - 1) / perPartition : adaptive(clients);
    return Math.max(1, Math.min(wanted, clients));
  }

  private int adaptive(int clients) {
    if (Double.isInfinite(slotSecondsPerClient)) {
      return FIRST_ROUND_PER_SLOT * slots;
    }
    double seconds = clients * slotSecondsPerClient / slots;
    long perSlot = Math.round(Math.floor(seconds / SECONDS_PER_PARTITION / slots));
    return (int) Math.max(1, Math.min(MOST_PER_SLOT, perSlot)) * slots;
  }

  /**
   * Learns from a finished training; the fastest counts, because the first also loads the model.
   */
  void trained(int clients, double seconds) {
    int busy = Math.min(slots, partitions(clients));
    slotSecondsPerClient = Math.min(slotSecondsPerClient, seconds * busy / clients);
  }
}
