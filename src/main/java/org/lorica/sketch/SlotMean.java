package org.lorica.sketch;

import java.util.List;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterLayout;
import org.lorica.tensor.Matrix;

/** Chosen tensors themselves, to be averaged one by one; {@link FactorMean} for single modules. */
public record SlotMean(ActiveTensors sent) implements ClientMessage {

  @Override
  public List<Matrix> from(TrainedClient client) {
    return sent.slots().stream().map(client.adapter()::tensor).toList();
  }

  @Override
  public long valuesUp(AdapterLayout layout) {
    return sent.size();
  }

  @Override
  public long valuesDown() {
    return 0;
  }
}
