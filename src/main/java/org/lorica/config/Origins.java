package org.lorica.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;

/** How a place in the configuration is written in a message. */
final class Origins {
  static final String COMMAND_LINE = "--set";

  private Origins() {}

  /** {@code conf/quickstart.conf: line 12: }, {@code --set: } or nothing when unknown. */
  static String prefix(ConfigOrigin origin) {
    if (origin.filename() != null) {
      String line = origin.lineNumber() > 0 ? "line " + origin.lineNumber() + ": " : "";
      return origin.filename() + ": " + line;
    }
    return origin.description().startsWith(COMMAND_LINE) ? COMMAND_LINE + ": " : "";
  }

  /** The value on one line. */
  static String shown(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }
}
