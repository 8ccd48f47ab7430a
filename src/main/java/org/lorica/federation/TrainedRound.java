package org.lorica.federation;

import java.util.List;
import org.lorica.lora.AdapterSet;

/**
 * A round whose clients have trained and whose sums have been made, for diagnostics of a
 * simulation. What it shows need not be covered by ε.
 *
 * @param participants in the order of their indices
 * @param next the global adapter after the round
 * @param clients as they trained
 * @param released what the strategy was given: the server's noise and stand-ins are in it
 */
public record TrainedRound(
    RoundContext context,
    List<Participant> participants,
    AdapterSet next,
    Cohort clients,
    Cohort released) {
  public TrainedRound {
    participants = List.copyOf(participants);
  }
}
