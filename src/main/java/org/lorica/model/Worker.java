package org.lorica.model;

import java.util.List;
import org.lorica.data.Example;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.GradientSpace;

/** Forward and backward passes of one thread. Not safe for use by several threads at once. */
public interface Worker {

  /**
   * From now on the frozen weights are the model's own plus {@code update}, whatever was used
   * before. Costs nothing if it is the very update in use.
   */
  void useBase(BaseUpdate update);

  /**
   * Forward pass without gradients.
   *
   * @param adapter the flat adapter vector in layout order
   */
  Predictions predict(float[] adapter, List<Example> batch);

  /**
   * Per-example gradients of the loss (nats) with respect to the active tensors. The result is a
   * view of this worker's memory, valid until the next call.
   */
  PerExampleGradients gradients(float[] adapter, ActiveTensors active, List<Example> batch);

  /**
   * Most examples that one pass for gradients should have: fewer after memory was full, as a {@link
   * org.lorica.tensor.DeviceMemoryException} has said.
   */
  default int mostExamples() {
    return Integer.MAX_VALUE;
  }

  /**
   * Gradients of several clients in one pass through the frozen weights: element i belongs to lane
   * i. All are views of this worker's memory, valid until the next call. A lane's gradients are
   * those it would have alone, up to the rounding of matrix products of another height.
   */
  default List<PerExampleGradients> gradients(List<Lane> lanes, ActiveTensors active) {
    if (lanes.size() == 1) {
      return List.of(gradients(lanes.get(0).adapter(), active, lanes.get(0).batch()));
    }
    throw new IllegalArgumentException(
        "federation.lanes must be 1 for this kind of worker, got " + lanes.size());
  }

  /**
   * The same gradients, with norms taken in {@code space}. In {@link GradientSpace#PRODUCT} no
   * factor A may be active.
   */
  default PerExampleGradients gradients(
      float[] adapter, ActiveTensors active, GradientSpace space, List<Example> batch) {
    if (space == GradientSpace.FACTORS) {
      return gradients(adapter, active, batch);
    }
    throw new IllegalArgumentException(
        "strategy.clip-space must be factor for this kind of model, got product");
  }
}
