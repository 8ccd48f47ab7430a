package org.lorica.federation;

import java.io.Serializable;

/**
 * Counts of one client's round, or of a cohort's. These are un-noised quantities of private data:
 * they may be written only in simulation, marked as such.
 *
 * @param clients that were called, those that dropped out too
 * @param examples gradients computed
 * @param clipped of them, those whose norm exceeded the clip
 * @param nonFinite of them, those that were not finite and contributed zero
 * @param lossSum sum of the finite examples' losses in nats, on a grid of 2^-20 so that any order
 *     gives the same sum
 * @param splits times that memory was full and a batch was computed in parts; follows from the
 *     sizes of batches, which are private too
 */
public record TrainingStats(
    int clients, long examples, long clipped, long nonFinite, long lossSum, long splits)
    implements Serializable {
  private static final double GRID = 1 << 20;

  /** Nothing seen. */
  public static final TrainingStats NONE = new TrainingStats(0, 0, 0, 0, 0);

  /** Without splits. */
  public TrainingStats(int clients, long examples, long clipped, long nonFinite, long lossSum) {
    this(clients, examples, clipped, nonFinite, lossSum, 0);
  }

  /** One batch computed in parts. */
  static final TrainingStats SPLIT = new TrainingStats(0, 0, 0, 0, 0, 1);

  static long lossOnGrid(double loss) {
    return Math.round(loss * GRID);
  }

  /** Counts of both. */
  public TrainingStats plus(TrainingStats other) {
    return new TrainingStats(
        clients + other.clients,
        examples + other.examples,
        clipped + other.clipped,
        nonFinite + other.nonFinite,
        lossSum + other.lossSum,
        splits + other.splits);
  }

  /** Mean training loss in nats, NaN if no example was drawn. */
  public double meanLoss() {
    long finite = examples - nonFinite;
    return finite == 0 ? Double.NaN : lossSum / GRID / finite;
  }
}
