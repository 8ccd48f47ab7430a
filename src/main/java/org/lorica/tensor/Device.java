package org.lorica.tensor;

/** What shall compute. */
public enum Device {
  /** A CUDA device where there is one that works; else the CPU. */
  AUTO,
  CPU,
  /** A CUDA device; an error where there is none. */
  CUDA
}
