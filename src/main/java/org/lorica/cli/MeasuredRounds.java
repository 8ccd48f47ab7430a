package org.lorica.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.RoundListener;
import org.lorica.federation.RoundResult;
import org.lorica.federation.TrainingMeter;
import org.lorica.federation.Workbench;
import org.lorica.spark.SlotMeter;
import org.lorica.spark.TaskMeter;

/** Rounds of a real run, each without its evaluation. The first ones warm up and do not count. */
final class MeasuredRounds implements RoundListener, AutoCloseable {
  /** Rounds that are not counted. */
  static final int WARM_UP = 2;

  /**
   * One measured round.
   *
   * @param trainingSeconds that threads of this JVM trained clients for, summed over threads
   * @param idleSeconds of task slots while the last clients trained, summed over slots
   * @param heap used on the driver after a collection, bytes; 0 but for the last round
   */
  record Round(
      double seconds,
      RoundResult.Traffic traffic,
      TaskMeter.Count tasks,
      double trainingSeconds,
      double idleSeconds,
      long heap) {}

  private final SparkDriver spark;
  private final int last;
  private final TrainingMeter training;
  private final SlotMeter slots;
  private final TaskMeter tasks;
  private final List<Round> measured = new ArrayList<>();
  private long begin = System.nanoTime();
  private double trainedBefore = 0;
  private TaskMeter.Count before;

  private MeasuredRounds(SparkDriver spark, LoadedConfig config) {
    this.spark = spark;
    this.last = config.run().federation().rounds();
    this.training = Workbench.shared(config.resolvedHocon()).meter();
    this.slots = SlotMeter.on(spark.context());
    this.tasks = TaskMeter.on(spark.context());
    this.before = tasks.count();
  }

  /** Runs a scenario and measures it. */
  static List<Round> of(SparkDriver spark, LoadedConfig config) {
    try (MeasuredRounds rounds = new MeasuredRounds(spark, config)) {
      FederatedRun.of(config, spark.context(), List.of(rounds));
      return rounds.measured;
    }
  }

  @Override
  public void roundFinished(RoundResult result) {
    double seconds = (System.nanoTime() - begin) / 1e9 - result.traffic().seconds().get("evaluate");
    TaskMeter.Count now = settled(tasks);
    double idle = slots.takeIdleSeconds();
    double trained = training.trainingSeconds();
    if (result.round() > WARM_UP) {
      measured.add(
          new Round(
              seconds,
              result.traffic(),
              now.since(before),
              trained - trainedBefore,
              idle,
              result.round() == last ? heapAfterCollection() : 0));
    }
    trainedBefore = trained;
    before = now;
    begin = System.nanoTime();
  }

  /** Spark tells its listeners a little late. */
  static TaskMeter.Count settled(TaskMeter meter) {
    TaskMeter.Count count = meter.count();
    while (true) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("the measurement was interrupted", e);
      }
      TaskMeter.Count next = meter.count();
      if (next.equals(count)) {
        return count;
      }
      count = next;
    }
  }

  private static long heapAfterCollection() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Override
  public void close() {
    spark.context().sc().removeSparkListener(slots);
    spark.context().sc().removeSparkListener(tasks);
  }
}
