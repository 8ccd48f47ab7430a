package org.lorica.model;

import java.util.HashMap;
import java.util.Map;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.TensorSlot;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One pass through a DL4J network: the adapter's values, and per-example gradients if wanted. */
final class Dl4jPass {
  private final INDArray adapter; // 1 × size
  private final double[][] gradients; // examples × active values
  private final Map<Integer, Integer> packedOffsets = new HashMap<>(); // by offset in the layout

  Dl4jPass(float[] adapter, DataType type, int examples) {
    this(adapter, type, new double[examples][0]);
  }

  Dl4jPass(float[] adapter, DataType type, int examples, ActiveTensors active) {
    this(adapter, type, new double[examples][active.size()]);
    int packed = 0;
    for (TensorSlot slot : active.slots()) {
      packedOffsets.put(slot.offset(), packed);
      packed += slot.size();
    }
  }

  private Dl4jPass(float[] adapter, DataType type, double[][] gradients) {
    this.adapter = Nd4j.createFromArray(adapter).reshape(1, adapter.length).castTo(type);
    this.gradients = gradients;
  }

  int examples() {
    return gradients.length;
  }

  boolean trains(TensorSlot slot) {
    return slot != null && packedOffsets.containsKey(slot.offset());
  }

  /** The adapter's values of a tensor, rows × cols. */
  INDArray value(TensorSlot slot) {
    return adapter
        .get(
            org.nd4j.linalg.indexing.NDArrayIndex.all(),
            org.nd4j.linalg.indexing.NDArrayIndex.interval(slot.offset(), slot.end()))
        .dup('c')
        .reshape('c', slot.rows(), slot.cols());
  }

  void add(int example, TensorSlot slot, INDArray gradient) {
    double[] values = gradient.dup('c').ravel().castTo(DataType.DOUBLE).toDoubleVector();
    System.arraycopy(
        values, 0, gradients[example], packedOffsets.get(slot.offset()), values.length);
  }

  double[][] gradients() {
    return gradients;
  }
}
