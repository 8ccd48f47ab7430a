package org.lorica.cli;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark session of a command: the surrounding one if there is one, which then is left running.
 */
record SparkDriver(JavaSparkContext context, boolean owned) implements AutoCloseable {

  static SparkDriver start(String name) {
    return start(name, Map.of());
  }

  /**
   * A session with settings that count where neither the surroundings nor the user say otherwise.
   */
  static SparkDriver start(String name, Map<String, String> settings) {
    boolean running = SparkSession.getActiveSession().isDefined();
    SparkConf conf = new SparkConf();
    settings.forEach(conf::setIfMissing);
    if (!conf.contains("spark.master")) {
      conf.setMaster("local[*]");
    }
    if (System.getenv("LORICA_DEBUG") == null) {
      conf.setIfMissing("spark.log.level", "ERROR"); // the console belongs to Lorica's own lines
    }
    if (conf.get("spark.serializer", "").contains("Kryo")) {
      throw new IllegalArgumentException(
          "spark.serializer must be Spark's default Java serializer (records do not pass through Kryo), got "
              + conf.get("spark.serializer"));
    }
    SparkSession session =
        SparkSession.builder().config(conf).appName("lorica " + name).getOrCreate();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    return new SparkDriver(context, !running);
  }

  @Override
  public void close() {
    if (owned && System.getenv("DATABRICKS_RUNTIME_VERSION") == null) {
      context.stop();
    }
  }
}
