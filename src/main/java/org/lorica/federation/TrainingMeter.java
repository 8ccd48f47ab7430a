package org.lorica.federation;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a JVM has trained, for its metrics. A client that was trained twice counts twice. All
 * counts are un-noised: for simulation only.
 */
public final class TrainingMeter {
  private final LongAdder clients = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder examples = new LongAdder();
  private final LongAdder clipped = new LongAdder();

  void count(ClientUpdate update) {
    clients.add(update.stats().clients());
    dropped.add(update.failures().size());
    examples.add(update.stats().examples());
    clipped.add(update.stats().clipped());
  }

  /** Clients called, those that dropped out too. */
  public long clients() {
    return clients.sum();
  }

  /** Clients that dropped out. */
  public long dropped() {
    return dropped.sum();
  }

  /** Per-example gradients computed. */
  public long examples() {
    return examples.sum();
  }

  /** Share of the gradients that were longer than the clip, in [0, 1]; 0 before the first one. */
  public double clippedShare() {
    long all = examples.sum();
    return all == 0 ? 0 : (double) clipped.sum() / all;
  }
}
