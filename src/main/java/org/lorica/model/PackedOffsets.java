package org.lorica.model;

import java.util.Arrays;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.TensorSlot;

/** Where each active tensor's gradient stands in an example's packed gradient. */
final class PackedOffsets {
  /** Nothing is active. */
  static final PackedOffsets NONE = new PackedOffsets(new int[0], new int[0], 0);

  private final int[] known; // offsets in the layout, ascending
  private final int[] packed;
  private final int size;

  private PackedOffsets(int[] known, int[] packed, int size) {
    this.known = known;
    this.packed = packed;
    this.size = size;
  }

  static PackedOffsets of(ActiveTensors active) {
    int[] known = new int[active.slots().size()];
    int[] packed = new int[known.length];
    int size = 0;
    for (int i = 0; i < known.length; i++) {
      known[i] = active.slots().get(i).offset();
      packed[i] = size;
      size += active.slots().get(i).size();
    }
    return new PackedOffsets(known, packed, size);
  }

  boolean contains(TensorSlot slot) {
    return Arrays.binarySearch(known, slot.offset()) >= 0;
  }

  /** Of a tensor that must be active. */
  int of(TensorSlot slot) {
    return packed[Arrays.binarySearch(known, slot.offset())];
  }

  /** Values of a packed gradient. */
  int size() {
    return size;
  }
}
