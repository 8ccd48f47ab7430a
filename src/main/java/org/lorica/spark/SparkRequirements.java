package org.lorica.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;

/**
 * What Lorica asks of a Spark application, checked before it starts. Clients are partitions of an
 * RDD and keep state between jobs, so a session without RDDs will not do; records do not pass
 * through Kryo; a task computes on one thread.
 */
public final class SparkRequirements {
  private static final long LEAST_HEAP = 450L << 20; // with less Spark's own start fails

  private final UnaryOperator<String> setting;
  private final Map<String, String> environment;
  private final int cores;

  private SparkRequirements(
      UnaryOperator<String> setting, Map<String, String> environment, int cores) {
    this.setting = setting;
    this.environment = environment;
    this.cores = cores;
  }

  /**
   * Checks an application that is about to start, or one that runs already.
   *
   * @return warnings, one line each
   * @throws IllegalArgumentException where it cannot work, in one line with the remedy
   */
  public static List<String> check(SparkConf conf) {
    requireHeap(Runtime.getRuntime().maxMemory());
    return check(conf, System.getenv(), Runtime.getRuntime().availableProcessors());
  }

  static List<String> check(SparkConf conf, Map<String, String> environment, int cores) {
    SparkRequirements requirements =
        new SparkRequirements(key -> conf.get(key, ""), environment, cores);
    requirements.refuse();
    return requirements.warnings();
  }

  static void requireHeap(long bytes) {
    if (bytes < LEAST_HEAP) {
      throw new IllegalArgumentException(
          "the driver's heap must be at least "
              + (LEAST_HEAP >> 20)
              + " MiB for Spark, got "
              + (bytes >> 20)
              + " MiB; give more with LORICA_HEAP or spark.driver.memory");
    }
  }

  private void refuse() {
    if (set("spark.serializer").contains("Kryo")) {
      throw new IllegalArgumentException(
          "spark.serializer must be Spark's default Java serializer (records do not pass through"
              + " Kryo), got "
              + set("spark.serializer"));
    }
    boolean connect =
        !set("spark.remote").isEmpty()
            || set("spark.api.mode").equals("connect")
            || environment.containsKey("SPARK_REMOTE")
            || environment.containsKey("SPARK_CONNECT_MODE_ENABLED");
    if (connect) {
      throw new IllegalArgumentException(
          "Spark Connect has no RDDs, which Lorica's clients are: unset spark.remote and"
              + " SPARK_REMOTE, set spark.api.mode=classic, and submit to a master");
    }
    String runtime = environment.getOrDefault("DATABRICKS_RUNTIME_VERSION", "");
    boolean serverless =
        environment.getOrDefault("IS_SERVERLESS", "").toLowerCase(Locale.ROOT).equals("true")
            || runtime.startsWith("client.");
    if (serverless) {
      throw new IllegalArgumentException(
          "serverless compute has no RDDs, which Lorica's clients are: choose a classic cluster with"
              + " dedicated access (data_security_mode = SINGLE_USER)");
    }
    boolean shared =
        List.of("USER_ISOLATION", "DATA_SECURITY_MODE_STANDARD")
            .contains(set("spark.databricks.clusterUsageTags.dataSecurityMode"));
    if (shared) {
      throw new IllegalArgumentException(
          "shared access mode has no RDDs, which Lorica's clients are: choose a cluster with"
              + " dedicated access (data_security_mode = SINGLE_USER)");
    }
    boolean gpus =
        !set("spark.task.resource.gpu.amount").isEmpty()
            || !set("spark.executor.resource.gpu.amount").isEmpty();
    if (master().startsWith("local") && !master().startsWith("local-cluster") && gpus) {
      throw new IllegalArgumentException(
          "spark.task.resource.gpu.amount and spark.executor.resource.gpu.amount must not be set for"
              + " the master "
              + master()
              + ", which has no resources to give: its tasks would wait for ever; unset them");
    }
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    int slots = localSlots();
    if (slots > cores) {
      warnings.add(
          "spark.master = "
              + master()
              + ": "
              + slots
              + " tasks at a time share "
              + cores
              + " cores, each computing on one thread; set spark.master=local["
              + cores
              + "]");
    }
    for (String key : List.of("spark.executorEnv.OMP_NUM_THREADS", "OMP_NUM_THREADS")) {
      String threads = key.startsWith("spark.") ? set(key) : environment.getOrDefault(key, "");
      if (!threads.isEmpty() && !threads.equals("1")) {
        warnings.add(
            key
                + " = "
                + threads
                + " has no effect: every task computes on one thread; set it to 1");
      }
    }
    if (set("spark.dynamicAllocation.enabled").equals("true")) {
      warnings.add(
          "spark.dynamicAllocation.enabled = true: an executor that is taken away in the middle of a"
              + " round takes its trained clients along, which are then trained again (the same"
              + " bits, but time); set it to false, or"
              + " spark.dynamicAllocation.cachedExecutorIdleTimeout above the length of a round");
    }
    return warnings;
  }

  /** Task slots of a local master, 0 for any other. */
  private int localSlots() {
    String master = master();
    if (master.equals("local")) {
      return 1;
    }
    if (!master.startsWith("local[")) {
      return 0;
    }
    String number = master.substring("local[".length()).split("[\\],]", 2)[0];
    return number.equals("*") ? cores : Integer.parseInt(number);
  }

  private String master() {
    return set("spark.master");
  }

  private String set(String key) {
    return setting.apply(key);
  }
}
