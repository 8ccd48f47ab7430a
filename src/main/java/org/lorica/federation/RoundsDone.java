package org.lorica.federation;

import org.lorica.lora.AdapterSet;

/**
 * How far a run has come.
 *
 * @param rounds that are done, 0 for a run that starts
 * @param server what the next round starts from
 */
public record RoundsDone(int rounds, ServerState server) {
  public RoundsDone {
    if (rounds < 0) {
      throw new IllegalArgumentException("rounds must be >= 0, got " + rounds);
    }
  }

  /** A run that starts. */
  public static RoundsDone none(AdapterSet start) {
    return new RoundsDone(0, new ServerState(start, StrategyState.NONE));
  }
}
