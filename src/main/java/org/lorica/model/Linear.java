package org.lorica.model;

import org.lorica.lora.LoraModule;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * A frozen linear layer, y = x·Wᵀ + b on rows.
 *
 * @param weight W, out × in
 * @param bias b, 1 × out, or null
 */
record Linear(String name, Tensor weight, Tensor bias) {
  int out() {
    return weight.rows();
  }

  int in() {
    return weight.cols();
  }

  LoraModule module() {
    return new LoraModule(name, out(), in());
  }

  void forward(Kernels kernels, Tensor x, Tensor y) {
    kernels.gemm(1, x, weight.t(), 0, y);
    if (bias != null) {
      kernels.addBias(bias, y);
    }
  }
}
