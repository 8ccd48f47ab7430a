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

  /** y = x·Wᵀ + b. The bias is laid out first: adding it after the product costs one pass more. */
  void forward(Kernels kernels, Tensor x, Tensor y) {
    if (bias != null) {
      kernels.setRows(bias, y);
    }
    kernels.gemm(1, x, weight.t(), bias == null ? 0 : 1, y);
  }

  /** y = residual + x·Wᵀ + b. */
  void forwardOnto(Kernels kernels, Tensor residual, Tensor x, Tensor y) {
    if (bias == null) {
      kernels.copy(residual, y);
    } else {
      kernels.addBias(bias, residual, y);
    }
    kernels.gemm(1, x, weight.t(), 1, y);
  }
}
