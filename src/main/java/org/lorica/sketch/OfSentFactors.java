package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Matrix;

/**
 * A function that the server itself computes of factors the clients have sent it. The simulation
 * evaluates it where the clients are; what a real deployment would move is told apart from that.
 *
 * @param function what is summed
 * @param up values that a client uploads for it: its factors, or none if they were sent before
 * @param down values that the server sends to each client because of it
 */
public record OfSentFactors(ClientMessage function, long up, long down) implements ClientMessage {

  @Override
  public List<Matrix> from(TrainedClient client) {
    return function.from(client);
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return up;
  }

  @Override
  public long valuesDown() {
    return down;
  }
}
