package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Matrix;

/**
 * Mean square of a client's last noised gradient over each group of tensors (1 × groups): one
 * number a group is sent. A mean and not a sum, so that it stays on the grid of {@link
 * FixedPointSum} also where noise dominates.
 *
 * @param groups the tensors of each group, by their place among the layout's slots
 */
public record GradientEnergy(List<List<Integer>> groups) implements ClientMessage {
  public GradientEnergy {
    groups = groups.stream().map(List::copyOf).toList();
  }

  @Override
  public List<Matrix> from(TrainedClient client) {
    List<TensorSlot> slots = client.adapter().layout().slots();
    double[] means = new double[groups.size()];
    for (int g = 0; g < means.length; g++) {
      double energy = 0;
      long size = 0;
      for (int slot : groups.get(g)) {
        energy += client.gradientEnergy().get(slot);
        size += slots.get(slot).size();
      }
      means[g] = energy / size;
    }
    return List.of(Matrix.of(1, means.length, means));
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return groups.size();
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
