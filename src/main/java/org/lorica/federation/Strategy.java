package org.lorica.federation;

import org.lorica.lora.AdapterSet;

/**
 * A federated method: what clients train and how the server rebuilds the global adapter. Knows
 * neither Spark nor noise.
 */
public interface Strategy {

  /** The method's id, as in {@code strategy.name}. */
  String name();

  /** What the cohort trains in this round. */
  LocalPlan localPlan(RoundContext round);

  /** The next global adapter, from sums over the cohort. */
  AdapterSet aggregate(RoundContext round, Cohort cohort);

  /**
   * What later rounds' contexts shall hold; by default what this one does. A strategy has no memory
   * of its own.
   *
   * @param next what {@link #aggregate} made of this round
   */
  default StrategyState remember(RoundContext round, AdapterSet next, Cohort cohort) {
    return round.state();
  }

  /** What the server reads of its clients. */
  enum Reads {
    /** The mean adapter and nothing else: a trusted server can noise that, and leave the rest. */
    MEAN,
    /** Functions of what a client sends at the end of a round. */
    MESSAGES,
    /** Noised gradients of single local steps too. */
    STEP_GRADIENTS,
    /** Un-noised losses of private batches too, which no ε covers. */
    PRIVATE_LOSSES
  }

  /** The most that {@link #aggregate} and {@link #remember} read. */
  default Reads reads() {
    return Reads.MEAN;
  }
}
