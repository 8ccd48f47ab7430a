package org.lorica.cli;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * Keeps the console for Lorica's own lines: libraries speak from WARN (Spark) or ERROR (natives)
 * on.
 */
final class Quiet {
  private Quiet() {}

  static void logs() {
    if (System.getenv("LORICA_DEBUG") == null) {
      Configurator.setRootLevel(Level.ERROR);
      Configurator.setLevel("org.apache.spark", Level.ERROR);
    }
  }
}
