package org.lorica.federation;

import java.util.List;

/** Who takes part when. Rounds must be asked for in order. */
public interface CohortSchedule {

  /** The next round's clients, ascending. */
  List<Integer> next();

  /** Greatest number of participations of one client in {@code rounds} rounds. */
  int participationCap(int rounds);

  /** Expected share of the clients in a round. */
  double cohortProbability();
}
