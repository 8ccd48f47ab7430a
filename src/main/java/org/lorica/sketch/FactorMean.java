package org.lorica.sketch;

import java.util.List;
import java.util.Set;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Matrix;

/** The trained tensors themselves, to be averaged one by one. */
public record FactorMean(Set<Role> roles) implements ClientMessage {
  public FactorMean {
    roles = Set.copyOf(roles);
  }

  @Override
  public List<Matrix> from(TrainedClient client) {
    return client.adapter().tensors(roles);
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return layout.slots().stream()
        .filter(s -> roles.contains(s.role()))
        .mapToLong(TensorSlot::size)
        .sum();
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
