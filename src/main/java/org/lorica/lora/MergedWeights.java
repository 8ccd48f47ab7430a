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
   * SafeTensors#write}. A head that it brings replaces every head of the model, whatever its size.
   * A model that is a backbone alone, without the prefix of its tensors, gets it.
   */
  public static Map<String, SafeTensors.Entry> of(StoredModel model, AdapterSet trained) {
    AdapterSet adapter = trained.concatenated();
    AdapterLayout layout = adapter.layout();
    String prefix = missingPrefix(model, layout);
    boolean ownHead = !layout.head().isEmpty();
    Map<String, SafeTensors.Entry> merged = new LinkedHashMap<>();
    Map<String, SafeTensors.Entry> floating = new LinkedHashMap<>();
    for (String name : model.names()) {
      if (!ownHead || !TaskHeads.owns(name)) {
        SafeTensors.Entry entry = model.entry(name);
        (entry.floating() ? floating : merged).put(prefix + name, entry);
      }
    }
    merged.putAll(floating); // after tables of 8-byte indices, which so stay aligned
    List<LoraFactors> factors = adapter.factors();
    for (int m = 0; m < factors.size(); m++) {
      String name = layout.modules().get(m).name() + ".weight";
      String there = name.substring(prefix.length());
      float[] weight = model.floats(there);
      addInPlace(factors.get(m).product(), layout.scaling(m), weight);
      merged.put(name, new SafeTensors.Entry(model.shape(there), weight));
    }
    float[] values = adapter.toArray();
    for (TensorSlot slot : layout.slots()) {
      if (slot.role() == Role.HEAD) {
        float[] head = new float[slot.size()];
        System.arraycopy(values, slot.offset(), head, 0, head.length);
        List<Integer> shape =
            slot.module().endsWith(".bias")
                ? List.of(slot.size())
                : List.of(slot.rows(), slot.cols());
        merged.put(slot.module(), new SafeTensors.Entry(shape, head));
      }
    }
    return merged;
  }

  /** What the adapter's names have before the model's, such as {@code bert.}; mostly nothing. */
  private static String missingPrefix(StoredModel model, AdapterLayout layout) {
    for (LoraModule module : layout.modules()) {
      String name = module.name() + ".weight";
      int dot = name.indexOf('.') + 1;
      if (!model.names().contains(name) && model.names().contains(name.substring(dot))) {
        return name.substring(0, dot);
      }
    }
    return "";
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
