package org.lorica.cli;

import org.apache.spark.api.java.JavaSparkContext;

/**
 * Keeps the console for Lorica's own lines, also where spark-submit has set up logging before us.
 */
final class Quiet {
  private Quiet() {}

  static void logs(JavaSparkContext context) {
    if (System.getenv("LORICA_DEBUG") == null) {
      context.setLogLevel("ERROR");
    }
  }
}
