package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;

/** Every application that cannot work is refused in one line that names setting and remedy. */
class SparkRequirementsTest {
  private static final String REMEDY_ACCESS = "dedicated access (data_security_mode = SINGLE_USER)";

  private static SparkConf conf(String... settings) {
    SparkConf conf = new SparkConf(false).set("spark.master", "spark://host:7077");
    for (String setting : settings) {
      String[] pair = setting.split("=", 2);
      conf.set(pair[0], pair[1]);
    }
    return conf;
  }

  private static List<String> warnings(SparkConf conf) {
    return SparkRequirements.check(conf, Map.of(), 4);
  }

  private static void refuses(SparkConf conf, Map<String, String> environment, String... words) {
    assertThatThrownBy(() -> SparkRequirements.check(conf, environment, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anOrdinaryApplicationPassesWithoutAWord() {
    assertThat(warnings(conf())).isEmpty();
    assertThat(warnings(conf("spark.master=local[4]"))).isEmpty();
    assertThat(warnings(conf("spark.master=local[*]"))).isEmpty();
    assertThat(warnings(conf("spark.master=local[*, 3]"))).isEmpty();
    assertThat(warnings(conf("spark.master=local"))).isEmpty();
    assertThat(warnings(conf("spark.master=local-cluster[9,1,1024]"))).isEmpty();
  }

  @Test
  void aHeapThatSparkCannotStartIn() {
    assertThatThrownBy(() -> SparkRequirements.requireHeap(200L << 20))
        .hasMessageContaining("at least 450 MiB for Spark, got 200 MiB")
        .hasMessageContaining("LORICA_HEAP");
    assertThatCode(() -> SparkRequirements.requireHeap(450L << 20)).doesNotThrowAnyException();
  }

  @Test
  void kryo() {
    String kryo = "org.apache.spark.serializer.KryoSerializer";
    refuses(conf("spark.serializer=" + kryo), Map.of(), "spark.serializer must be", kryo);
    assertThat(warnings(conf("spark.serializer=org.apache.spark.serializer.JavaSerializer")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"spark.remote=sc://host", "spark.api.mode=connect"})
  void sparkConnect(String setting) {
    refuses(conf(setting), Map.of(), "Spark Connect", "spark.api.mode=classic");
  }

  @Test
  void sparkConnectByTheEnvironment() {
    refuses(conf(), Map.of("SPARK_REMOTE", "sc://host"), "Spark Connect", "unset");
  }

  @Test
  void serverlessAndSharedAccess() {
    refuses(conf(), Map.of("IS_SERVERLESS", "TRUE"), "serverless", REMEDY_ACCESS);
    refuses(
        conf(), Map.of("DATABRICKS_RUNTIME_VERSION", "client.3.1"), "serverless", REMEDY_ACCESS);
    String mode = "spark.databricks.clusterUsageTags.dataSecurityMode=";
    refuses(conf(mode + "USER_ISOLATION"), Map.of(), "shared access", REMEDY_ACCESS);
    assertThat(warnings(conf(mode + "SINGLE_USER"))).isEmpty();
  }

  @Test
  void gpusOfALocalMaster() {
    String gpu = "spark.task.resource.gpu.amount=1";
    refuses(conf("spark.master=local[2]", gpu), Map.of(), "local[2]", "unset");
    assertThat(warnings(conf(gpu))).isEmpty();
    assertThat(warnings(conf("spark.master=local-cluster[2,1,1024]", gpu))).isEmpty();
  }

  @Test
  void moreThreadsThanCoresAreSaid() {
    assertThat(warnings(conf("spark.master=local[9]")))
        .singleElement()
        .asString()
        .contains("9 tasks at a time share 4 cores", "spark.master=local[4]");
    assertThat(warnings(conf("spark.executorEnv.OMP_NUM_THREADS=8")))
        .singleElement()
        .asString()
        .contains("OMP_NUM_THREADS = 8", "set it to 1");
    SparkConf executors = conf("spark.executor.cores=6");
    assertThat(ExecutorStart.tooManyThreads(executors, "1", 4).orElseThrow())
        .contains("6 task slots", "4 cores", "lower spark.executor.cores to 4");
    assertThat(ExecutorStart.tooManyThreads(executors, "1", 6)).isEmpty();
    assertThat(ExecutorStart.tooManyThreads(executors.set("spark.task.cpus", "2"), "1", 4))
        .isEmpty();
  }

  @Test
  void executorsThatComeAndGoAreSaid() {
    assertThat(warnings(conf("spark.dynamicAllocation.enabled=true")))
        .singleElement()
        .asString()
        .contains("spark.dynamicAllocation.enabled", "set it to false");
  }

  @Test
  void aGpuThatKernelsLeaveIdleIsTold() {
    FastestKernels.Choice cpu = FastestKernels.on(Device.CPU);
    assertThat(ExecutorStart.unusedGpu(Optional.of("1"), cpu))
        .hasValue("GPU 1 is not used: device = cpu");
    assertThat(ExecutorStart.unusedGpu(Optional.empty(), cpu)).isEmpty();
  }
}
