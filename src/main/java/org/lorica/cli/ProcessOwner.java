package org.lorica.cli;

import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Whose process a command runs in. Its own is exited with a code, since idle library threads must
 * not keep a finished command alive. A surrounding one is left running, and learns of a failure by
 * an exception: Databricks has a driver that goes on with other jobs, and in YARN's cluster mode
 * the application master takes any exit, also one with code 0, for a failure, and starts the
 * command once more.
 */
enum ProcessOwner {
  COMMAND,
  SURROUNDINGS;

  /** A failed command, in the words that were printed. */
  static final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Without a stack: where it matters it has been printed. */
    CommandFailedException(String message) {
      super(message, null, false, false);
    }
  }

  /** Of this JVM. */
  static ProcessOwner here() {
    return of(System.getenv(), key -> System.getProperty(key, ""));
  }

  /**
   * @param setting value of a Spark setting, empty where there is none
   */
  static ProcessOwner of(Map<String, String> environment, UnaryOperator<String> setting) {
    boolean databricks = environment.containsKey("DATABRICKS_RUNTIME_VERSION");
    boolean applicationMaster =
        setting.apply("spark.master").equals("yarn")
            && setting.apply("spark.submit.deployMode").equals("cluster");
    return databricks || applicationMaster ? SURROUNDINGS : COMMAND;
  }

  /**
   * Ends a command: exits, or returns where others own the process.
   *
   * @param failure why it failed, where that is known
   * @throws CommandFailedException where others own the process and the code is not 0
   */
  void end(int code, Optional<String> failure) {
    if (this == COMMAND) {
      System.exit(code);
    }
    if (code != 0) {
      throw new CommandFailedException(
          "lorica ended with exit code " + code + failure.map(why -> ": " + why).orElse(""));
    }
  }
}
