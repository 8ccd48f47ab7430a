package org.lorica.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lorica.data.SafeTensors;
import org.lorica.data.StoredModel;
import org.lorica.tensor.Matrix;

/**
 * Folds an adapter into a model's weights: W + s·B·A, and a trained head in place of the frozen
 * one.
 */
public final class MergedWeights {
  private MergedWeights() {}

  /**
   * All tensors of {@code model} with the trained adapter folded in, ready for {@link
   * SafeTensors#write}.
   */
  public static Map<String, SafeTensors.Entry> of(StoredModel model, AdapterSet trained) {
    AdapterSet adapter = trained.concatenated();
    AdapterLayout layout = adapter.layout();
    Map<String, SafeTensors.Entry> merged = new LinkedHashMap<>();
    for (String name : model.names()) {
      merged.put(name, new SafeTensors.Entry(model.shape(name), model.floats(name)));
    }
    List<LoraFactors> factors = adapter.factors();
    for (int m = 0; m < factors.size(); m++) {
      String name = layout.modules().get(m).name() + ".weight";
      float[] weight = model.floats(name);
      addInPlace(factors.get(m).product(), layout.scaling(), weight);
      merged.put(name, new SafeTensors.Entry(model.shape(name), weight));
    }
    float[] values = adapter.toArray();
    for (TensorSlot slot : layout.slots()) {
      if (slot.role() == Role.HEAD) {
        float[] head = new float[slot.size()];
        System.arraycopy(values, slot.offset(), head, 0, head.length);
        List<Integer> shape = model.shape(slot.module());
        if (shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact)
            != head.length) {
          throw new IllegalArgumentException(
              slot.module()
                  + ": expected the run's "
                  + head.length
                  + " values in the base model's head, found shape "
                  + shape);
        }
        merged.put(slot.module(), new SafeTensors.Entry(shape, head));
      }
    }
    return merged;
  }

  private static void addInPlace(Matrix product, double scaling, float[] weight) {
    for (int i = 0; i < product.rows(); i++) {
      for (int j = 0; j < product.cols(); j++) {
        int at = i * product.cols() + j;
        weight[at] = (float) (weight[at] + scaling * product.at(i, j));
      }
    }
  }
}
