package org.lorica.tensor;

/**
 * A device has not as much free memory as was asked for. A smaller batch may fit; the client whose
 * batch it was is not to blame.
 */
public final class DeviceMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message) {
    super(message);
  }
}
