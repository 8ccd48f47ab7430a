package org.lorica.model;

import java.util.Arrays;
import java.util.List;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/** A head's linear layer: its values come from the adapter where the layout trains them. */
final class HeadLinear {
  private final Linear frozen;
  private final TensorSlot weightSlot; // null if frozen
  private final TensorSlot biasSlot;

  HeadLinear(Linear frozen, AdapterLayout layout) {
    this.frozen = frozen;
    this.weightSlot = layout.slot(frozen.name() + ".weight", Role.HEAD).orElse(null);
    this.biasSlot = layout.slot(frozen.name() + ".bias", Role.HEAD).orElse(null);
  }

  /** name.weight (out × in) and name.bias (1 × out), as tensors that can be trained. */
  static List<LoraModule> modules(Linear frozen) {
    return List.of(
        new LoraModule(frozen.name() + ".weight", frozen.out(), frozen.in()),
        new LoraModule(frozen.name() + ".bias", 1, frozen.out()));
  }

  /** The frozen values in the order of {@link #modules}. */
  static float[] values(Linear frozen) {
    float[] weight = frozen.weight().toFloats();
    float[] values = Arrays.copyOf(weight, weight.length + frozen.out());
    frozen.bias().read(values, weight.length);
    return values;
  }

  int out() {
    return frozen.out();
  }

  /** out × in, as used in this pass. */
  Tensor weight(Pass pass) {
    return weightSlot == null ? frozen.weight() : pass.value(weightSlot);
  }

  /** 1 × out, as used in this pass. */
  Tensor bias(Pass pass) {
    return biasSlot == null ? frozen.bias() : pass.value(biasSlot);
  }

  /** x·Wᵀ + b, in new memory. */
  Tensor forward(Pass pass, Tensor x) {
    Tensor y = pass.allocate(x.rows(), frozen.out());
    new Linear(frozen.name(), weight(pass), bias(pass)).forward(pass.kernels(), x, y);
    return y;
  }

  /**
   * Gradients of an example's loss where they are wanted.
   *
   * @param dy rows × out
   * @param x rows × in
   */
  void differentiate(Pass pass, int example, Tensor dy, Tensor x) {
    Kernels kernels = pass.kernels();
    if (pass.trains(weightSlot)) {
      kernels.gemm(1, dy.t(), x, 0, pass.gradient(example, weightSlot));
    }
    if (pass.trains(biasSlot)) {
      Tensor ones = pass.allocate(1, dy.rows());
      kernels.fill(1, ones);
      kernels.gemm(1, ones, dy, 0, pass.gradient(example, biasSlot));
    }
  }
}
