package org.lorica.tensor;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The arguments of one call on many matrices. Elements are kept and filled anew for the next call,
 * so that calls leave no garbage. Belongs to one thread.
 */
public final class ArgumentList<T> extends AbstractList<T> {
  private final Supplier<T> empty;
  private final List<T> kept = new ArrayList<>();
  private int size = 0;

  /**
   * An empty list.
   *
   * @param empty makes an element that has to be filled
   */
  public ArgumentList(Supplier<T> empty) {
    this.empty = empty;
  }

  /** One more element, still to be filled: it holds what an earlier call left. */
  public T next() {
    if (size == kept.size()) {
      kept.add(empty.get());
    }
    return kept.get(size++);
  }

  @Override
  public T get(int index) {
    return kept.get(Objects.checkIndex(index, size));
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void clear() {
    size = 0;
  }
}
