package org.lorica.tensor;

/**
 * A device, its driver or its libraries fail or are missing: the machine's fault, whatever was
 * computed. The message is one line.
 */
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
