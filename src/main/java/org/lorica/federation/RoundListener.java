package org.lorica.federation;

/** Told of every round. */
public interface RoundListener {
  /** The round is over. */
  void roundFinished(RoundResult result);

  /**
   * Before {@link #roundFinished}, while the clients' results are still there. Sums asked for here
   * are not part of what the round costs.
   */
  default void roundTrained(TrainedRound round) {}
}
