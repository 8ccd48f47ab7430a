package org.lorica.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lorica.tensor.Device;

/** The values of {@code --device}. */
final class Devices {
  private Devices() {}

  /** Throws with the known names in the message where there is no such device. */
  static Device named(String name) {
    List<String> known =
        Arrays.stream(Device.values()).map(d -> d.name().toLowerCase(Locale.ROOT)).toList();
    if (!known.contains(name)) {
      throw new IllegalArgumentException("--device must be one of " + known + ", got " + name);
    }
    return Device.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
