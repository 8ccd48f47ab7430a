package org.lorica.sketch;

import java.io.Serializable;
import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Matrix;

/**
 * What one client sends in one exchange: a function of its trained adapter (or of its last noised
 * gradient) and of what the server announced.
 */
public interface ClientMessage extends Serializable {

  /** The matrices to be summed, in a fixed order. */
  List<Matrix> from(TrainedClient client);

  /** Values that a client uploads. */
  long valuesUp(AdapterLayout layout);

  /**
   * Values that the server announces to each client before the exchange (a shared seed counts as
   * none).
   */
  long valuesDown();
}
