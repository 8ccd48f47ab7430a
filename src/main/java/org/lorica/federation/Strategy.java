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
   * Whether the aggregate is a function of the mean adapter alone. Only then can a trusted server
   * noise that mean and leave the rest to the strategy.
   */
  default boolean needsOnlyTheMean() {
    return true;
  }
}
