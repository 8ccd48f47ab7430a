package org.lorica.federation;

import java.io.Serializable;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.tensor.Matrix;

/**
 * What happens to one factor's noised mean gradient before the optimizer sees it. It knows noised
 * quantities only, so it is post-processing and costs no privacy.
 */
public interface GradientTransform extends Serializable {

  /**
   * The gradient that the optimizer gets, of the same shape.
   *
   * @param role A or B
   * @param gradient of that factor: out × rank for B, rank × in for A
   * @param present the module's factors before this step
   * @param scaling the module's s in y = W x + s·B(A x)
   */
  Matrix apply(Role role, Matrix gradient, LoraFactors present, double scaling);

  /** A number that tells transforms apart, the same on every machine: part of the plan's. */
  long digest();
}
