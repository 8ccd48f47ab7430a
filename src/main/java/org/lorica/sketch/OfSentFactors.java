package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.tensor.Matrix;

/**
 * A function that the server itself computes of factors the clients have sent it. The simulation
 * evaluates it where the clients are; what a real deployment would move are the factors, once.
 *
 * @param function what is summed
 * @param upload whether this is the exchange in which the factors are sent
 */
public record OfSentFactors(ClientMessage function, Upload upload) implements ClientMessage {
  /** When the factors reach the server. */
  public enum Upload {
    WITH_THIS,
    SENT_BEFORE
  }

  @Override
  public List<Matrix> from(TrainedClient client) {
    return function.from(client);
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return upload == Upload.WITH_THIS
        ? layout.slots().stream()
            .filter(s -> s.role() != Role.HEAD)
            .mapToLong(s -> (long) s.rows() * s.cols())
            .sum()
        : 0;
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
