package org.lorica.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that an arena hands out again and again, in stack order like its memory, so that a
 * pass leaves no garbage. Belongs to one thread.
 */
final class TensorPool {
  /** What becomes of a tensor that is given back. */
  enum GivenBack {
    /** It is handed out again. */
    REUSED,
    /** It fails at its next use: finds code that keeps a tensor too long. */
    CLOSED
  }

  private final GivenBack policy;
  private final List<Tensor> tensors = new ArrayList<>();
  private int used = 0;

  TensorPool(GivenBack policy) {
    this.policy = policy;
  }

  /** A tensor that has to be placed. */
  Tensor next() {
    if (used == tensors.size()) {
      tensors.add(new Tensor(this));
    }
    return tensors.get(used++);
  }

  /** How many are handed out. */
  int used() {
    return used;
  }

  /** Takes back all but the first {@code count} of those handed out. */
  void release(int count) {
    if (policy == GivenBack.CLOSED) {
      List<Tensor> given = tensors.subList(Math.min(count, used), used);
      given.forEach(Tensor::close);
      given.clear();
    }
    used = Math.min(count, used);
  }
}
