package org.lorica.lora;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The tensors a local step trains. Gradients of the active tensors are packed one after another, in
 * layout order; inactive ones have no place in that vector, so they are dropped before a norm is
 * taken.
 *
 * @param slots the active slots, with their offsets in the whole adapter
 */
public record ActiveTensors(List<TensorSlot> slots) implements Serializable {
  public ActiveTensors {
    slots = List.copyOf(slots);
    if (slots.isEmpty()) {
      throw new IllegalArgumentException("at least one tensor must be active");
    }
  }

  public static ActiveTensors of(AdapterLayout layout, Predicate<TensorSlot> active) {
    return new ActiveTensors(layout.slots().stream().filter(active).toList());
  }

  /** Number of active values. */
  public int size() {
    return slots.stream().mapToInt(TensorSlot::size).sum();
  }

  /** The slot with its offset in the packed gradient, if that tensor is active. */
  public Optional<TensorSlot> packed(String module, Role role) {
    return packed().stream().filter(s -> s.module().equals(module) && s.role() == role).findFirst();
  }

  /** All slots with their offsets in the packed gradient. */
  public List<TensorSlot> packed() {
    List<TensorSlot> packed = new ArrayList<>();
    int offset = 0;
    for (TensorSlot s : slots) {
      packed.add(new TensorSlot(s.module(), s.role(), s.rows(), s.cols(), offset));
      offset += s.size();
    }
    return packed;
  }
}
