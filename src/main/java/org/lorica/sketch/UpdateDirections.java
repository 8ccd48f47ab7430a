package org.lorica.sketch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.tensor.Matrix;

/**
 * The direction in which a client moved each factor: its change over all modules as one vector of
 * norm 1 (1 × values), B's then A's; zeros where the factor stood still. For diagnostics.
 *
 * @param start the round's global adapter
 */
public record UpdateDirections(AdapterSet start) implements ClientMessage {

  @Override
  public List<Matrix> from(TrainedClient client) {
    return List.of(direction(client.adapter(), Role.B), direction(client.adapter(), Role.A));
  }

  private Matrix direction(AdapterSet trained, Role role) {
    List<Double> values = new ArrayList<>();
    List<Matrix> before = start.tensors(Set.of(role));
    List<Matrix> after = trained.tensors(Set.of(role));
    double squares = 0;
    for (int t = 0; t < before.size(); t++) {
      for (double d : after.get(t).minus(before.get(t)).toArray()) {
        values.add(d);
        squares += d * d;
      }
    }
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    double[] unit = values.stream().mapToDouble(v -> v * scale).toArray();
    return Matrix.of(1, unit.length, unit);
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return layout.size();
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
