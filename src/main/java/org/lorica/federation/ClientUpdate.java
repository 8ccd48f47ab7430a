package org.lorica.federation;

import java.io.Serializable;
import java.util.List;
import org.lorica.lora.AdapterSet;
import org.lorica.sketch.TrainedClient;

/**
 * What a client holds after local training; kept for all exchanges of the round.
 *
 * @param failures why it dropped out, one at most; empty where it trained
 */
public record ClientUpdate(
    Participant participant,
    TrainedClient trained,
    TrainingStats stats,
    List<ClientFailure> failures)
    implements Serializable {

  public ClientUpdate {
    failures = List.copyOf(failures);
  }

  /** The update of a client that trained. */
  public ClientUpdate(Participant participant, TrainedClient trained, TrainingStats stats) {
    this(participant, trained, stats, List.of());
  }

  /**
   * What stands for a client that dropped out: the global adapter as it was, hence a zero change
   * under the same weight.
   */
  static ClientUpdate dropped(Participant participant, AdapterSet global, ClientFailure failure) {
    return new ClientUpdate(
        participant,
        TrainedClient.untrained(global),
        new TrainingStats(1, 0, 0, 0, 0),
        List.of(failure));
  }

  /** Its trained adapter. */
  public AdapterSet adapter() {
    return trained.adapter();
  }
}
