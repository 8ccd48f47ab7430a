package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Workbench;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;
import org.lorica.testing.DevCluster;
import org.lorica.testing.FakeCuda;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/**
 * Executors of a standalone cluster with GPUs that do not exist and CUDA libraries that stand in:
 * the address that Spark gives a task picks the card that its kernels run on; the driver stays on
 * the CPU.
 */
class ExecutorDeviceIT {
  @TempDir private static Path dir;

  private static SparkConf conf(DevCluster cluster, FakeCuda cuda) {
    SparkConf conf =
        new SparkConf()
            .setMaster(cluster.master())
            .setAppName("executor-device-it")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.ui.enabled", "false")
            .set("spark.executor.memory", "800m")
            .set("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executor.resource.gpu.amount", "1")
            .set("spark.task.resource.gpu.amount", "1")
            .set("spark.executorEnv.FAKE_CUDA_DEVICES", "2");
    cuda.environment().forEach((name, value) -> conf.set("spark.executorEnv." + name, value));
    return conf;
  }

  @Test
  void tasksComputeOnTheCardThatSparkGaveThem() throws Exception {
    FakeCuda cuda = FakeCuda.in(Files.createDirectories(dir.resolve("cuda")));
    TinyScenario scenario = TinyScenario.in(Files.createDirectories(dir.resolve("scenario")));
    LoadedConfig driver = scenario.load("federation.rounds=1", "device=cpu");
    LoadedConfig executors = scenario.load("federation.rounds=1", "device=cuda");
    Workbench local = Workbench.shared(driver.resolvedHocon());
    float[] expected =
        RunTrace.of(driver, LocalCohort.pool(local, 2))
            .rounds()
            .get(0)
            .server()
            .adapter()
            .toArray();
    try (DevCluster cluster =
        DevCluster.up(dir.resolve("cluster"), "--memory", "1g", "--simulate-gpus", "1")) {
      SparkConf conf = conf(cluster, cuda);
      LoricaPlugin.installInPlace(conf, executors);
      try (JavaSparkContext context = new JavaSparkContext(conf)) {
        List<String> kernels =
            context
                .parallelize(List.of(1, 2, 3, 4), 4)
                .map(i -> TaskDevice.bound(() -> FastestKernels.on(Device.CUDA).why()))
                .collect();
        assertThat(kernels).allMatch(k -> k.matches("GPU [01] of the scheduler: Fake Device.*"));
        float[] found =
            RunTrace.of(driver, SparkCohort.pool(context, executors))
                .rounds()
                .get(0)
                .server()
                .adapter()
                .toArray();
        for (int i = 0; i < expected.length; i++) {
          assertThat(found[i]).isCloseTo(expected[i], within(1e-5f));
        }
        assertThat(found).isNotEqualTo(expected); // it was not the CPU again
      }
    }
  }
}
