package org.lorica.tensor;

/**
 * One contiguous piece of memory that tensors are views of: the host's, or a device's. Single
 * elements of a device's memory are slow to reach; whole runs of them are copied at once.
 */
public interface Block {

  Precision precision();

  int elements();

  /** Address of element {@code offset} where this memory lives. */
  long address(int offset);

  double at(int offset);

  void set(int offset, double value);

  /** Copies {@code count} values from {@code source}, starting at {@code from}. */
  void write(int offset, float[] source, int from, int count);

  /**
   * Copies {@code count} values to {@code target}, starting at {@code from}; doubles are rounded to
   * float.
   */
  void read(int offset, float[] target, int from, int count);

  /**
   * Gives the memory back now, where waiting for the garbage collector would be too late. Nothing
   * may use it any more.
   */
  void free();
}
