package org.lorica.tensor;

import java.util.Optional;

/**
 * The accelerator that the present thread's task was given by the scheduler, by its address as the
 * scheduler writes it: an index, or the UUID of a slice. What picks kernels for a thread must use
 * this one and no other.
 */
public final class BoundDevice {
  private static final ThreadLocal<String> ADDRESS = new ThreadLocal<>();

  private BoundDevice() {}

  /** Binds this thread until {@link #unbind}. */
  public static void bind(String address) {
    if (address.isBlank()) {
      throw new IllegalArgumentException("a device's address must not be blank, got \"\"");
    }
    ADDRESS.set(address);
  }

  /** Ends what {@link #bind} began. */
  public static void unbind() {
    ADDRESS.remove();
  }

  /** The address; empty where the task was given no accelerator. */
  public static Optional<String> address() {
    return Optional.ofNullable(ADDRESS.get());
  }
}
