package org.lorica.sketch;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import org.lorica.lora.AdapterSet;

/**
 * What a client may speak of after local training: functions of its noised gradients, and, where a
 * plan asks for it, the one thing that is not.
 *
 * @param gradientEnergy squared norm of every tensor's noised gradient in the last local step, 0
 *     where the tensor was not active; in the order of the layout's slots
 * @param crossTerm mean over the local steps of ‖dB·dA‖ / ‖dB·A + B·dA‖, 0 where it was not
 *     measured
 * @param lossCurvature of its un-noised batch loss in the last local step, for each group that the
 *     plan names; empty where it names none or nothing was trained
 */
public record TrainedClient(
    AdapterSet adapter, List<Double> gradientEnergy, double crossTerm, List<Double> lossCurvature)
    implements Serializable {
  public TrainedClient {
    gradientEnergy = List.copyOf(gradientEnergy);
    lossCurvature = List.copyOf(lossCurvature);
  }

  /** A client of which nothing else was measured. */
  public TrainedClient(AdapterSet adapter, List<Double> gradientEnergy) {
    this(adapter, gradientEnergy, 0, List.of());
  }

  /** A client whose last gradient was nothing. */
  public static TrainedClient untrained(AdapterSet adapter) {
    return new TrainedClient(adapter, Collections.nCopies(adapter.layout().slots().size(), 0.0));
  }
}
