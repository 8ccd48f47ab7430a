package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.Evaluator;
import org.lorica.federation.LocalCohort;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;
import org.lorica.random.RandomKey;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

/** The driver's own evaluation is the twin of the executors'. */
class SparkHeldOutIT {
  @TempDir private static Path dir;
  private static TinyScenario scenario;

  @BeforeAll
  static void write() throws IOException {
    scenario = TinyScenario.in(dir);
  }

  private static JavaSparkContext context(String master) {
    return new JavaSparkContext(conf(master));
  }

  private static SparkConf conf(String master) {
    return new SparkConf()
        .setMaster(master)
        .setAppName("spark-held-out-it")
        .set("spark.ui.enabled", "false");
  }

  @Test
  void executorsGiveTheBitsOfTheDriverForAnyNumberOfSlots() {
    LoadedConfig config = scenario.load("data.test-fraction=0.9"); // 108 examples, two chunks
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    AdapterSet adapter = workbench.initialAdapter(RandomKey.root(42));
    var expected = new Evaluator(workbench, 1).of(adapter);
    for (String master : List.of("local[1]", "local[4]")) {
      try (JavaSparkContext context = context(master)) {
        assertThat(SparkHeldOut.on(context, config).of(adapter)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aRunWhoseEvaluationOverlapsGivesTheBitsOfOneWhereItDoesNot() {
    LoadedConfig on = scenario.load("federation.rounds=6");
    LoadedConfig off = scenario.load("federation.rounds=6", "federation.overlap-evaluation=off");
    Workbench workbench = Workbench.shared(on.resolvedHocon());
    RunTrace expected = RunTrace.of(on, LocalCohort.pool(workbench, 2));
    try (JavaSparkContext context = context("local[4]")) {
      for (LoadedConfig config : List.of(on, off)) {
        assertThat(
                RunTrace.of(
                    config, SparkCohort.pool(context, config), SparkHeldOut.on(context, config)))
            .isEqualTo(expected);
      }
    }
  }

  /** Spark's scheduler serves the job first that came first: no client waits for an evaluation. */
  @Test
  void everyRoundsTrainingIsAskedForBeforeTheEvaluationOfTheRoundBefore() throws Exception {
    LoadedConfig config = scenario.load("federation.rounds=6");
    List<String> kinds = Collections.synchronizedList(new ArrayList<>());
    try (JavaSparkContext context = context("local[2]")) {
      context
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
                  String name = submitted.stageInfo().name();
                  if (name.contains("evaluate") || name.contains("train")) {
                    kinds.add(name.contains("train") ? "train" : "evaluate");
                  }
                }
              });
      RunTrace.of(config, SparkCohort.pool(context, config), SparkHeldOut.on(context, config));
      Thread.sleep(500); // told a little late
    }
    List<String> expected = new ArrayList<>(List.of("train"));
    for (int round = 2; round <= 6; round++) {
      expected.addAll(List.of("train", "evaluate"));
    }
    expected.add("evaluate");
    assertThat(kinds).isEqualTo(expected);
  }

  /** Broadcasts that went through the block manager, by name. */
  private static final class Broadcasts extends SparkListener {
    private final List<String> stored = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> kept = ConcurrentHashMap.newKeySet();
    private final AtomicInteger stages = new AtomicInteger();

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
      stages.incrementAndGet();
    }

    @Override
    public void onBlockUpdated(SparkListenerBlockUpdated update) {
      String name = update.blockUpdatedInfo().blockId().name();
      if (!name.matches("broadcast_\\d+_piece0")) {
        return;
      }
      if (update.blockUpdatedInfo().storageLevel().isValid()) {
        stored.add(name);
        kept.add(name);
      } else {
        kept.remove(name);
      }
    }
  }

  /**
   * Of a round without evaluation: the task with the adapter, one message for each of two sums, and
   * what Spark itself sends for its stages. As many clients in as many partitions as one likes add
   * nothing.
   */
  @Test
  void aRoundBroadcastsTheSameNumberOfTimesWhateverItsClientsAndPartitions() throws Exception {
    int few = broadcasts(3, 1);
    int many = broadcasts(9, 9);
    assertThat(many).isEqualTo(few).isPositive();
  }

  /**
   * Spark's own, one a stage, its cleaner takes away; here it is off so that they can be counted.
   */
  @Test
  void aRunLeavesNoBroadcastOfItsOwnBehind() throws Exception {
    LoadedConfig config = scenario.load("federation.rounds=2");
    SparkConf conf = conf("local[2]").set("spark.cleaner.referenceTracking", "false");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      Broadcasts broadcasts = new Broadcasts();
      context.sc().addSparkListener(broadcasts);
      RunTrace.of(config, SparkCohort.pool(context, config), SparkHeldOut.on(context, config));
      Thread.sleep(1000); // destroyed in the background, told a little late
      assertThat(broadcasts.stages.get()).isPositive();
      assertThat(broadcasts.kept).hasSize(broadcasts.stages.get());
    }
  }

  private static int broadcasts(int clients, int partitions) throws InterruptedException {
    LoadedConfig config =
        scenario.load(
            "federation.rounds=2",
            "federation.evaluate-every=0",
            "federation.tree-depth=1",
            "federation.clients-per-round=" + clients,
            "federation.partitions=" + partitions);
    try (JavaSparkContext context = context("local[2]")) {
      Broadcasts broadcasts = new Broadcasts();
      context.sc().addSparkListener(broadcasts);
      RunTrace.of(config, SparkCohort.pool(context, config));
      Thread.sleep(500); // Spark tells its listeners a little late
      return broadcasts.stored.size();
    }
  }
}
