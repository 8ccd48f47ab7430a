package org.lorica.model;

import java.util.List;
import org.lorica.data.Example;

/** One client's part of a pass that several clients share: its own adapter, its own batch. */
public final class Lane {
  private final float[] adapter;
  private final List<Example> batch;

  /**
   * A part of a pass.
   *
   * @param adapter the flat adapter vector in layout order; read, not copied
   */
  public Lane(float[] adapter, List<Example> batch) {
    this.adapter = adapter;
    this.batch = List.copyOf(batch);
  }

  /** The vector itself. */
  float[] adapter() {
    return adapter;
  }

  /** May be empty. */
  public List<Example> batch() {
    return batch;
  }
}
