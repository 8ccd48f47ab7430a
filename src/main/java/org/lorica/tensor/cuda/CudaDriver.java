package org.lorica.tensor.cuda;

/**
 * One device as {@link CudaKernels} needs it: its memory, and streams of work. Addresses are the
 * device's; nothing on the host reads or writes there. Safe for use by several threads.
 */
interface CudaDriver {

  /** The device in words, such as {@code NVIDIA H100 80GB HBM3, sm_90}. */
  String description();

  /**
   * Memory of unspecified content.
   *
   * @param bytes &gt; 0
   * @throws org.lorica.tensor.DeviceMemoryException if there is not so much
   */
  long allocate(long bytes);

  /** Gives memory back once everything that was asked for before is done. */
  void free(long address);

  /** Most bytes that were allocated at a time. */
  long peak();

  /** A new stream for the thread that calls. */
  CudaStream stream();
}
