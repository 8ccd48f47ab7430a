package org.lorica.spark;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.lorica.config.ConfigLoader;
import org.lorica.config.PrivacyConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.Workbench;
import org.lorica.tensor.Arena;
import org.lorica.tensor.BoundDevice;
import org.lorica.tensor.Device;
import org.lorica.tensor.FastestKernels;

/** The part of {@link LoricaPlugin} that runs in every executor, before it is given tasks. */
final class ExecutorStart implements ExecutorPlugin {
  private PluginContext context;

  @Override
  public void init(PluginContext given, Map<String, String> extra) {
    context = given;
    String settings = context.conf().get(LoricaPlugin.SETTINGS, "");
    if (settings.isEmpty()) {
      return;
    }
    tooManyThreads(context.conf(), context.executorID(), Runtime.getRuntime().availableProcessors())
        .ifPresent(this::tell);
    try {
      Workbench workbench = TaskDevice.bound(context.resources(), () -> Workbench.shared(settings));
      RunConfig config = ConfigLoader.parse(settings);
      register(context.metricRegistry(), workbench, config);
      if (config.general().device() == RunConfig.General.Device.AUTO) {
        TaskDevice.bound(
                context.resources(),
                () -> unusedGpu(BoundDevice.address(), FastestKernels.on(Device.AUTO)))
            .ifPresent(this::tell);
      }
    } catch (RuntimeException e) {
      if (context.executorID().equals("driver")) {
        return; // the driver itself loads the same and tells
      }
      // Spark would start one executor after the other if this one ended; its first task fails with
      // the same message and ends the run.
      tell("cannot load model and data: " + e.getMessage());
    }
  }

  private void tell(String text) {
    try {
      context.send(new ExecutorNotice(context.executorID(), host(), text));
    } catch (IOException e) {
      return; // a driver that does not hear it will hear the task's failure
    }
  }

  /** Not the context's: that one has no address yet when a plugin starts, and throws. */
  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unknown host";
    }
  }

  /** A sentence where Spark gave the executor a GPU that its kernels leave idle. */
  static Optional<String> unusedGpu(Optional<String> address, FastestKernels.Choice choice) {
    return address
        .filter(gpu -> choice.kernels().name().equals("cpu"))
        .map(gpu -> "GPU " + gpu + " is not used: " + choice.why());
  }

  /** A sentence where the task slots of an executor are more than the cores of its machine. */
  static Optional<String> tooManyThreads(SparkConf conf, String executor, int cores) {
    int wanted = conf.getInt("spark.executor.cores", 0);
    int slots = wanted / Math.max(1, conf.getInt("spark.task.cpus", 1));
    if (executor.equals("driver") || slots <= cores) { // a local master is checked at its start
      return Optional.empty();
    }
    return Optional.of(
        slots
            + " task slots (spark.executor.cores / spark.task.cpus), each computing on one thread,"
            + " share "
            + cores
            + " cores; lower spark.executor.cores to "
            + cores);
  }

  /** Names as Spark's metrics system shows them, after the plugin's own. */
  private static void register(MetricRegistry metrics, Workbench workbench, RunConfig config) {
    gauge(metrics, "clientsTrained", () -> workbench.meter().clients());
    gauge(metrics, "clientsDropped", () -> workbench.meter().dropped());
    gauge(metrics, "arenaBytes", Arena::reservedBytesOfAll);
    if (config.privacy().noise().mode() == PrivacyConfig.Noise.NoiseMode.SIMULATION) {
      // sizes of batches are private: a record shows in them
      gauge(metrics, "examples", () -> workbench.meter().examples());
      gauge(metrics, "examplesPerSecond", new Rate(workbench.meter()::examples, System::nanoTime));
      gauge(metrics, "clippedShare", () -> workbench.meter().clippedShare());
    }
  }

  private static <T> void gauge(MetricRegistry metrics, String name, Gauge<T> gauge) {
    metrics.register(name, gauge);
  }
}
