package org.lorica.lora;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Order and shape of all trainable tensors: for every module B (out × rank) then A (rank × in),
 * then the head's tensors. Everything that is clipped, noised, summed and sent is a flat vector in
 * this order.
 *
 * @param ranks of the modules' factors and their scales, in the order of the modules
 */
public record AdapterLayout(List<LoraModule> modules, List<LoraModule> head, List<LoraRank> ranks)
    implements Serializable {

  public AdapterLayout {
    modules = List.copyOf(modules);
    head = List.copyOf(head);
    ranks = List.copyOf(ranks);
    if (ranks.size() != modules.size()) {
      throw new IllegalArgumentException(
          "ranks must be as many as modules, " + modules.size() + ", got " + ranks.size());
    }
    if (modules.isEmpty() && head.isEmpty()) {
      throw new IllegalArgumentException("an adapter needs at least one module");
    }
  }

  /** The same rank and scale for every module. */
  public AdapterLayout(List<LoraModule> modules, List<LoraModule> head, int rank, double scaling) {
    this(modules, head, Collections.nCopies(modules.size(), new LoraRank(rank, scaling)));
  }

  /** Rank of a module's factors, by its place among the modules. */
  public int rank(int module) {
    return ranks.get(module).rank();
  }

  /** s of a module, by its place among the modules. */
  public double scaling(int module) {
    return ranks.get(module).scaling();
  }

  /** s of a module, by its full name; 0 where it carries no adapter. */
  public double scaling(String module) {
    for (int m = 0; m < modules.size(); m++) {
      if (modules.get(m).name().equals(module)) {
        return scaling(m);
      }
    }
    return 0;
  }

  /** Values of one module's factors, (out + in)·rank. */
  public long factorValues(int module) {
    return (long) rank(module) * (modules.get(module).out() + modules.get(module).in());
  }

  /** All tensors in order. */
  public List<TensorSlot> slots() {
    List<TensorSlot> slots = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < modules.size(); i++) {
      LoraModule m = modules.get(i);
      int rank = rank(i);
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
