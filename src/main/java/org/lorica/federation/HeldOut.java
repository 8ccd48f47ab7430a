package org.lorica.federation;

import org.lorica.lora.AdapterSet;

/** Measures adapters on the held-out examples of a run. */
public interface HeldOut {
  /** Loss and metrics; the same bits wherever they are computed. */
  Evaluation of(AdapterSet adapter);

  /** Whether it may go on while clients train: on task slots that it shares with them. */
  default boolean fitsBesideTraining() {
    return false;
  }
}
