package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.metrics.sink.CsvSink;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.cli.Main;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Workbench;
import org.lorica.tensor.BoundDevice;
import org.lorica.testing.DevCluster;
import org.lorica.testing.RunResult;
import org.lorica.testing.RunTrace;
import org.lorica.testing.Subprocess;
import org.lorica.testing.TinyScenario;

/**
 * On a standalone cluster of two worker processes: executors and the driver are ended by kill -9,
 * and the result stays the same, bit for bit.
 */
class LostExecutorIT {
  @TempDir private static Path dir;
  private static TinyScenario scenario;
  private static DevCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    scenario = TinyScenario.in(dir);
    cluster = DevCluster.up(dir.resolve("cluster"), "--memory", "1g", "--simulate-gpus", "1");
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  private static SparkConf conf() {
    return new SparkConf()
        .setMaster(cluster.master())
        .setAppName("lost-executor-it")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.ui.enabled", "false")
        .set("spark.executor.memory", "800m")
        .set(
            "spark.executor.extraJavaOptions",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 " + temporary())
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
  }

  /** What is killed cannot clean up. */
  private static String temporary() {
    return "-Djava.io.tmpdir=" + dir;
  }

  /** Ends the executor of the first task that starts in each of some stages. */
  private static final class Killer extends SparkListener {
    private final List<String> stages;
    private final List<String> killed = new ArrayList<>();
    private final ConcurrentHashMap<Integer, String> names = new ConcurrentHashMap<>();

    Killer(String... stages) {
      this.stages = List.of(stages);
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
      names.put(event.stageInfo().stageId(), event.stageInfo().name());
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart event) {
      String stage = names.getOrDefault(event.stageId(), "");
      if (stages.contains(stage) && !killed.contains(stage)) {
        Optional<ProcessHandle> executor = cluster.executor(event.taskInfo().executorId());
        if (executor.isPresent() && executor.get().destroyForcibly()) { // SIGKILL
          killed.add(stage);
        }
      }
    }

    synchronized List<String> killed() {
      return List.copyOf(killed);
    }
  }

  @Test
  void executorsLostInEveryPhaseChangeNothing() throws IOException {
    LoadedConfig config =
        scenario.load("federation.rounds=4", "federation.local-steps=30", "strategy.name=fedask");
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    RunTrace expected = RunTrace.of(config, LocalCohort.pool(workbench, 2));
    String[] phases = {
      "round 2/4 · train 7 clients", "round 3/4 · sum RangeSketch", "round 4/4 · sum CoreSketch"
    };
    Killer killer = new Killer(phases);
    SparkConf conf = conf();
    LoricaPlugin.installInPlace(conf, config);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      context.sc().addSparkListener(killer);
      RunTrace found = RunTrace.of(config, SparkCohort.pool(context, config));
      assertThat(killer.killed()).as(cluster.logs()).containsExactly(phases);
      assertThat(found).isEqualTo(expected);
    }
  }

  /** Executors load the run before their first task, show metrics, and hand on their GPU. */
  @Test
  void thePluginLoadsTheRunShowsMetricsAndTasksKnowTheirGpu() throws IOException {
    LoadedConfig config = scenario.load("federation.rounds=2");
    Path metrics = Files.createDirectories(dir.resolve("metrics"));
    SparkConf conf =
        conf()
            .set("spark.executor.resource.gpu.amount", "1")
            .set("spark.task.resource.gpu.amount", "1")
            .set("spark.metrics.conf.executor.sink.csv.class", CsvSink.class.getName())
            .set("spark.metrics.conf.executor.sink.csv.period", "1")
            .set("spark.metrics.conf.executor.sink.csv.unit", "seconds")
            .set("spark.metrics.conf.executor.sink.csv.directory", metrics.toString());
    LoricaPlugin.installInPlace(conf, config);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      RunTrace.of(config, SparkCohort.pool(context, config));
      List<String> addresses =
          context
              .parallelize(List.of(1, 2, 3, 4, 5, 6, 7, 8), 8)
              .map(i -> TaskDevice.bound(() -> BoundDevice.address().orElse("none")))
              .collect();
      assertThat(addresses).isSubsetOf("0", "1");
      assertThat(TaskDevice.bound(BoundDevice::address)).isEmpty(); // the driver has none
    }
    assertThat(lastValue(metrics, "clientsTrained")).isGreaterThanOrEqualTo(14);
    assertThat(lastValue(metrics, "arenaBytes")).isPositive();
    assertThat(lastValue(metrics, "clippedShare")).isBetween(0.0, 2.0); // of two executors
  }

  /** Sum over executors of the last line of a gauge's file; the sink writes one more at the end. */
  private static double lastValue(Path folder, String gauge) throws IOException {
    double sum = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith("." + gauge + ".csv")).toList()) {
        List<String> lines = Files.readAllLines(file);
        sum += Double.parseDouble(lines.get(lines.size() - 1).split(",", -1)[1]);
      }
    }
    return sum;
  }

  /** The model's file is there for the driver only. */
  @Test
  void anExecutorThatCannotLoadTheModelEndsTheRunWithOneLine() throws IOException {
    TinyScenario other = TinyScenario.in(dir.resolve("other"));
    LoadedConfig config = other.load("federation.rounds=2");
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    assertThat(workbench.population().clients()).isEqualTo(9);
    Files.delete(dir.resolve("other/model/model.safetensors"));
    SparkConf conf = conf();
    LoricaPlugin.installInPlace(conf, config);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      assertThatThrownBy(() -> RunTrace.of(config, SparkCohort.pool(context, config)))
          .isInstanceOf(RuntimeException.class)
          .hasMessageContaining("model.safetensors")
          .hasMessageNotContaining("\n");
    }
  }

  /** A plugin of somebody else's that fails is the quickest way to an executor without a life. */
  @Test
  void executorsThatNeverFinishATaskEndTheRunInsteadOfComingForEver() {
    SparkConf conf = conf().set("spark.plugins", BrokenPlugin.class.getName());
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      ExecutorWatch.on(context, 3);
      assertThatThrownBy(
              () -> SparkFailures.explained(() -> context.parallelize(List.of(1, 2)).count()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("come and go without finishing a task");
    }
  }

  /** Fails on executors only. */
  public static final class BrokenPlugin implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
      return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
      return new ExecutorPlugin() {
        @Override
        public void init(PluginContext context, Map<String, String> extra) {
          throw new IllegalStateException("broken");
        }
      };
    }
  }

  private static Subprocess driver(List<String> arguments) throws IOException {
    List<String> options = new ArrayList<>(List.of(temporary()));
    for (var setting : conf().getAll()) {
      if (setting._1().startsWith("spark.") && !setting._1().equals("spark.app.name")) {
        options.add("-D" + setting._1() + "=" + setting._2());
      }
    }
    return Subprocess.java(options, Main.class, arguments);
  }

  @Test
  void aKilledDriverGoesOnFromItsCheckpoint() throws IOException {
    String[] settings = {
      "federation.rounds=16", "federation.local-steps=10", "strategy.name=fedask"
    };
    Path out = dir.resolve("runs");
    try (Subprocess driver = driver(scenario.arguments("train", settings))) {
      driver.await(() -> RunResult.roundsIn(out) >= 2);
      cluster.executors().get(0).destroyForcibly();
      int then = RunResult.roundsIn(out);
      driver.await(() -> RunResult.roundsIn(out) >= then + 3);
      driver.killHard();
    }
    Path folder = RunResult.only(out);
    assertThat(RunResult.roundsIn(out)).isLessThan(16);
    try (Subprocess driver = driver(List.of("resume", folder.toString()))) {
      assertThat(driver.exitCode()).as(driver.output()).isZero();
      assertThat(driver.output()).contains(" of 16 rounds are done");
    }
    Path local = dir.resolve("local");
    List<String> near = new ArrayList<>(scenario.arguments("train", settings));
    near.addAll(List.of("--set", "federation.engine=local", "--set", "out=" + local));
    assertThat(Main.execute(near.toArray(String[]::new))).isZero();
    assertThat(RunResult.of(out)).isEqualTo(RunResult.of(local));
  }
}
