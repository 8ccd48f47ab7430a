package org.lorica.federation;

import org.lorica.lora.ActiveTensors;

/** Sees what a client releases in every local step, as the ledger counts it. For audits. */
@FunctionalInterface
public interface StepObserver {
  StepObserver NONE = (participant, active, noisySum) -> {};

  /**
   * Told of one step.
   *
   * @param noisySum over the active tensors, before the division by the public batch size; not to
   *     be kept
   */
  void released(Participant participant, ActiveTensors active, double[] noisySum);
}
