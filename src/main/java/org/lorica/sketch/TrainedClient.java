package org.lorica.sketch;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import org.lorica.lora.AdapterSet;

/**
 * What a client may speak of after local training: functions of its noised gradients, nothing else.
 *
 * @param gradientEnergy squared norm of every tensor's noised gradient in the last local step, 0
 *     where the tensor was not active; in the order of the layout's slots
 * @param crossTerm mean over the local steps of ‖dB·dA‖ / ‖dB·A + B·dA‖, 0 where it was not
 *     measured
 */
public record TrainedClient(AdapterSet adapter, List<Double> gradientEnergy, double crossTerm)
    implements Serializable {
  public TrainedClient {
    gradientEnergy = List.copyOf(gradientEnergy);
  }

  /** A client whose cross terms were not measured. */
  public TrainedClient(AdapterSet adapter, List<Double> gradientEnergy) {
    this(adapter, gradientEnergy, 0);
  }

  /** A client whose last gradient was nothing. */
  public static TrainedClient untrained(AdapterSet adapter) {
    return new TrainedClient(adapter, Collections.nCopies(adapter.layout().slots().size(), 0.0));
  }
}
