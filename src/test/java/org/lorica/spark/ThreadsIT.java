package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.tensor.Device;
import org.lorica.tensor.NativeBackend;
import org.lorica.testing.TinyScenario;

/** Task slots times threads of a kernel are no more than the cores. */
class ThreadsIT {
  private static final AtomicInteger RUNNING = new AtomicInteger();
  private static final AtomicInteger MOST_AT_A_TIME = new AtomicInteger();

  @TempDir private Path dir;

  /** Threads that one product of this task's kernels may take. */
  private static int kernelThreads() {
    MOST_AT_A_TIME.accumulateAndGet(RUNNING.incrementAndGet(), Math::max);
    try {
      Thread.sleep(20); // so that tasks which may run at a time do
      return NativeBackend.load(Device.CPU).blasThreads();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      RUNNING.decrementAndGet();
    }
  }

  @Test
  void allSlotsOfALocalMasterTogetherTakeNoMoreThreadsThanThereAreCores() throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    LoadedConfig config = TinyScenario.in(dir).load();
    SparkConf conf =
        new SparkConf()
            .setMaster("local[*]")
            .setAppName("threads-it")
            .set("spark.ui.enabled", "false");
    LoricaPlugin.installInPlace(conf, config);
    assertThat(SparkRequirements.check(conf)).isEmpty();
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      List<Integer> threads =
          context
              .parallelize(Collections.nCopies(4 * cores, 0), 4 * cores)
              .map(i -> kernelThreads())
              .collect();
      assertThat(threads).containsOnly(1);
    }
    assertThat(MOST_AT_A_TIME.get()).isBetween(1, cores);
  }
}
