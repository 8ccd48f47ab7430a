package org.lorica.lora;

import java.io.Serializable;

/**
 * Where one trainable tensor (rows × cols, row-major) stands in an adapter's flat vector.
 *
 * @param module the module's full name; for a head the parameter's, such as {@code
 *     classifier.weight}
 */
public record TensorSlot(String module, Role role, int rows, int cols, int offset)
    implements Serializable {
  public int size() {
    return rows * cols;
  }

  public int end() {
    return offset + size();
  }
}
