package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
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
    cluster = DevCluster.up(dir.resolve("cluster"), "--memory", "1g");
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
        .set("spark.executor.extraJavaOptions", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
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

  private static Subprocess driver(List<String> arguments) throws IOException {
    List<String> options = new ArrayList<>();
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
      "federation.rounds=24", "federation.local-steps=10", "strategy.name=fedask"
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
    assertThat(RunResult.roundsIn(out)).isLessThan(24);
    try (Subprocess driver = driver(List.of("resume", folder.toString()))) {
      assertThat(driver.exitCode()).as(driver.output()).isZero();
      assertThat(driver.output()).contains(" of 24 rounds are done");
    }
    Path local = dir.resolve("local");
    List<String> near = new ArrayList<>(scenario.arguments("train", settings));
    near.addAll(List.of("--set", "federation.engine=local", "--set", "out=" + local));
    assertThat(Main.execute(near.toArray(String[]::new))).isZero();
    assertThat(RunResult.of(out)).isEqualTo(RunResult.of(local));
  }
}
