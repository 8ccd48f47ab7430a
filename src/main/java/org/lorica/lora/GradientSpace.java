package org.lorica.lora;

/** In which coordinates the norm of an example's gradient is taken. */
public enum GradientSpace {
  /** Of the factors themselves: ∂loss/∂B and ∂loss/∂A. */
  FACTORS,
  /**
   * Of the product BA (out × in), s·∂loss/∂W, while only B trains: B's gradient is that times Aᵀ
   * (FedASK, arXiv 2507.09990).
   */
  PRODUCT
}
