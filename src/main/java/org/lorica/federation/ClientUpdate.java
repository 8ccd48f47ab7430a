package org.lorica.federation;

import java.io.Serializable;
import org.lorica.lora.AdapterSet;

/** What a client holds after local training; kept for all exchanges of the round. */
public record ClientUpdate(Participant participant, AdapterSet adapter, TrainingStats stats)
    implements Serializable {}
