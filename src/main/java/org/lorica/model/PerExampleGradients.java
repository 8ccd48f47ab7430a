package org.lorica.model;

/** Gradients of a batch, one packed row an example (see {@link org.lorica.lora.ActiveTensors}). */
public interface PerExampleGradients {
  int examples();

  /** Loss of an example in nats. */
  double loss(int example);

  /** L2 norm of the joint gradient over all active tensors; NaN or infinite if any element is. */
  double norm(int example);

  /**
   * sum += Σ_i factors[i]·gradient_i. A factor of exactly 0 leaves that example out, also if its
   * gradient is not finite.
   *
   * @param factors one number an example
   * @param sum as long as the packed gradient
   */
  void addScaledTo(double[] factors, double[] sum);
}
