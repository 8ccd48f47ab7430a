package org.lorica.federation;

import java.util.List;

/** Where clients train: threads of this JVM, or Spark. */
public interface ClientPool {

  /** Trains the participants and keeps their results. */
  Cohort train(LocalTask task, List<Participant> participants);

  /**
   * Trains likewise.
   *
   * @param started is run once no later work can take the clients' place: where slots are handed
   *     out in the order of asking, when the clients have been asked for
   */
  default Cohort train(LocalTask task, List<Participant> participants, Runnable started) {
    started.run();
    return train(task, participants);
  }
}
