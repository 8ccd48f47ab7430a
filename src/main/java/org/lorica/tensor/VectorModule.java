package org.lorica.tensor;

/** What {@link CpuKernels} cannot even be loaded without. */
final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";
  private static final int FEATURE = 17;

  private VectorModule() {}

  /**
   * Checks a JVM.
   *
   * @throws IllegalArgumentException in one line, where its vector API is missing or another one
   */
  static void require(Runtime.Version version, ModuleLayer modules) {
    if (version.feature() != FEATURE) {
      throw new IllegalArgumentException(
          "Java 17 is needed (the vector API is another one in later versions), found "
              + version
              + " in "
              + System.getProperty("java.home")
              + "; on Spark, executors too must run on it (spark.executorEnv.JAVA_HOME)");
    }
    if (modules.findModule(NAME).isEmpty()) {
      throw new IllegalArgumentException(
          "the JVM must be started with --add-modules="
              + NAME
              + ", which is missing; submit/lorica and spark-submit pass it");
    }
  }
}
