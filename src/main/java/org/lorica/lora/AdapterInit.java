package org.lorica.lora;

import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Start of a fresh adapter: B = 0, A with entries U(−1/√in, 1/√in) (Kaiming-uniform, as PEFT), the
 * head as given.
 */
public final class AdapterInit {
  private AdapterInit() {}

  /**
   * A fresh adapter from a key.
   *
   * @param headValues values of all head tensors one after another; empty where the layout has none
   */
  public static AdapterSet fresh(AdapterLayout layout, float[] headValues, RandomKey key) {
    float[] values = new float[layout.size()];
    RandomKey init = key.with(Purpose.ADAPTER_INIT);
    int head = 0;
    int tensor = 0;
    for (TensorSlot slot : layout.slots()) {
      RandomKey draws = init.with(tensor++);
      if (slot.role() == Role.A) {
        double bound = 1 / Math.sqrt(slot.cols());
        for (int i = 0; i < slot.size(); i++) {
          values[slot.offset() + i] = (float) ((2 * draws.uniform(i) - 1) * bound);
        }
      } else if (slot.role() == Role.HEAD) {
        System.arraycopy(headValues, head, values, slot.offset(), slot.size());
        head += slot.size();
      }
    }
    return AdapterSet.of(layout, values);
  }
}
