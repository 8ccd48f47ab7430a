package org.lorica.federation;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One finished round.
 *
 * @param round counted from 1
 * @param server what the next round starts from
 * @param evaluation on held-out examples, where this round was evaluated
 * @param epsilon spent so far, max over clients; empty where nothing is claimed
 */
public record RoundResult(
    int round,
    ServerState server,
    Optional<Evaluation> evaluation,
    OptionalDouble epsilon,
    Traffic traffic) {

  /**
   * What a round moved and how long it took.
   *
   * @param stats un-noised, for simulation only
   * @param bytesUp per client, as a real deployment would send them
   * @param seconds by phase: train, aggregate (of it driver: without the exchanges), evaluate, and
   *     wait for the evaluation of the round before where the two overlap
   */
  public record Traffic(
      TrainingStats stats,
      Turnout turnout,
      long bytesUp,
      long bytesDown,
      Map<String, Double> seconds) {}
}
