package org.lorica.federation;

import java.io.Serializable;
import org.lorica.lora.AdapterSet;
import org.lorica.sketch.TrainedClient;

/** What a client holds after local training; kept for all exchanges of the round. */
public record ClientUpdate(Participant participant, TrainedClient trained, TrainingStats stats)
    implements Serializable {

  /** Its trained adapter. */
  public AdapterSet adapter() {
    return trained.adapter();
  }
}
