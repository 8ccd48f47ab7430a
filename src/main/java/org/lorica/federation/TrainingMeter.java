package org.lorica.federation;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
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
  private final LongAdder nanos = new LongAdder();

  private final AtomicLong firstStep = new AtomicLong();

  /** A client's first step is about to begin. */
  void begin() {
    if (firstStep.get() == 0) {
      firstStep.compareAndSet(0, System.currentTimeMillis());
    }
  }

  /** When this JVM's first step began, in milliseconds since 1970; empty before it. */
  public OptionalLong firstStep() {
    long millis = firstStep.get();
    return millis == 0 ? OptionalLong.empty() : OptionalLong.of(millis);
  }

  /** A client, or a group in lock-step, has been trained for so long. */
  void add(long trainedNanos) {
    nanos.add(trainedNanos);
  }

  /** What threads spent on training clients, their data's look-up included, summed over threads. */
  public double trainingSeconds() {
    return nanos.sum() / 1e9;
  }

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
