package org.lorica.federation;

import java.util.List;

/** Where clients train: threads of this JVM, or Spark. */
public interface ClientPool {

  /** Trains the participants and keeps their results. */
  Cohort train(LocalTask task, List<Participant> participants);
}
