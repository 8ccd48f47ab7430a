package org.lorica.lora;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Order and shape of all trainable tensors: for every module B (out × rank) then A (rank × in),
 * then the head's tensors. Everything that is clipped, noised, summed and sent is a flat vector in
 * this order.
 *
 * @param scaling s in y = W x + s·B(A x): alpha/rank, or alpha/√rank for rank-stabilised LoRA
 *     (arXiv 2312.03732)
 */
public record AdapterLayout(
    List<LoraModule> modules, List<LoraModule> head, int rank, double scaling)
    implements Serializable {

  public AdapterLayout {
    modules = List.copyOf(modules);
    head = List.copyOf(head);
    if (rank <= 0) {
      throw new IllegalArgumentException("rank must be > 0, got " + rank);
    }
    if (modules.isEmpty() && head.isEmpty()) {
      throw new IllegalArgumentException("an adapter needs at least one module");
    }
  }

  /** All tensors in order. */
  public List<TensorSlot> slots() {
    List<TensorSlot> slots = new ArrayList<>();
    int offset = 0;
    for (LoraModule m : modules) {
      slots.add(new TensorSlot(m.name(), Role.B, m.out(), rank, offset));
      offset += m.out() * rank;
      slots.add(new TensorSlot(m.name(), Role.A, rank, m.in(), offset));
      offset += rank * m.in();
    }
    for (LoraModule h : head) {
      slots.add(new TensorSlot(h.name(), Role.HEAD, h.out(), h.in(), offset));
      offset += h.out() * h.in();
    }
    return slots;
  }

  /** The slot of a module's factor or of a head tensor, if there is one. */
  public Optional<TensorSlot> slot(String module, Role role) {
    return slots().stream().filter(s -> s.module().equals(module) && s.role() == role).findFirst();
  }

  /** Number of trainable values. */
  public int size() {
    List<TensorSlot> slots = slots();
    return slots.get(slots.size() - 1).end();
  }
}
