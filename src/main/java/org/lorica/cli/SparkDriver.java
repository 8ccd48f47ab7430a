package org.lorica.cli;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.lorica.config.LoadedConfig;
import org.lorica.spark.ExecutorWatch;
import org.lorica.spark.LoricaPlugin;
import org.lorica.spark.SparkRequirements;

/**
 * The Spark session of a command: the surrounding one if there is one, which then is left running.
 *
 * @param warnings about its settings, one line each
 */
record SparkDriver(JavaSparkContext context, boolean owned, List<String> warnings)
    implements AutoCloseable {

  /** For a command that runs several configurations one after the other. */
  static SparkDriver start(String name) {
    return start(name, Map.of());
  }

  /**
   * A session with settings that count where neither the surroundings nor the user say otherwise.
   */
  static SparkDriver start(String name, Map<String, String> settings) {
    return start(name, conf -> settings.forEach(conf::setIfMissing));
  }

  /** For a command that runs one configuration, which executors load before their first task. */
  static SparkDriver start(LoadedConfig config) {
    return start(config.run().general().name(), conf -> LoricaPlugin.installInPlace(conf, config));
  }

  private static SparkDriver start(String name, Consumer<SparkConf> more) {
    if (SparkSession.getActiveSession().isDefined()) {
      JavaSparkContext context = contextOf(SparkSession.getActiveSession().get());
      return new SparkDriver(context, false, SparkRequirements.check(context.getConf()));
    }
    SparkConf conf = new SparkConf();
    if (!conf.contains("spark.master")) {
      conf.setMaster("local[*]");
    }
    if (System.getenv("LORICA_DEBUG") == null) {
      conf.setIfMissing("spark.log.level", "ERROR"); // the console belongs to Lorica's own lines
    }
    List<String> warnings = SparkRequirements.check(conf);
    more.accept(conf);
    SparkSession session = session(conf, "lorica " + name);
    JavaSparkContext context = contextOf(session);
    ExecutorWatch.on(context);
    return new SparkDriver(context, true, warnings);
  }

  /** Scala throws checked exceptions that nothing declares: a master that is none, or is away. */
  private static SparkSession session(SparkConf conf, String name) {
    try {
      return SparkSession.builder().config(conf).appName(name).getOrCreate();
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "Spark did not start on spark.master = "
              + conf.get("spark.master")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** The context of a session, which one of Spark Connect does not have. */
  private static JavaSparkContext contextOf(SparkSession session) {
    try {
      return JavaSparkContext.fromSparkContext(session.sparkContext());
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "Spark Connect has no RDDs, which Lorica's clients are: run on a classic session", e);
    }
  }

  @Override
  public void close() {
    if (owned && System.getenv("DATABRICKS_RUNTIME_VERSION") == null) {
      context.stop();
    }
  }
}
