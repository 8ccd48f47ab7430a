package org.lorica.spark;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lorica.config.FederationConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.ClientFailure;
import org.lorica.federation.ClientPool;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.Cohort;
import org.lorica.federation.CohortReport;
import org.lorica.federation.LocalTask;
import org.lorica.federation.Participant;
import org.lorica.federation.TrainingStats;
import org.lorica.federation.Workbench;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.FixedPointSum;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/**
 * A round's clients as partitions of an RDD. The first action trains them; the results stay
 * persisted (memory and disk) for every exchange, and a lost partition is recomputed to the same
 * bits, because every draw is a function of its key.
 *
 * <p>Stages are named {@code round 12/100 · train 64 clients}; all jobs of a run form one job
 * group.
 */
public final class SparkCohort implements Cohort {
  private final RoundStages stages;
  private final Broadcast<LocalTask> task;
  private final JavaRDD<ClientUpdate> updates;
  private final int treeDepth;
  private final CohortReport report;

  SparkCohort(
      RoundStages stages, Broadcast<LocalTask> task, JavaRDD<ClientUpdate> updates, int treeDepth) {
    this.stages = stages;
    this.task = task;
    this.updates = updates;
    this.treeDepth = treeDepth;
    this.report =
        SparkFailures.explained(
            () -> updates.map(CohortReport::of).fold(CohortReport.NONE, CohortReport::plus));
  }

  /** Trains on the cluster of {@code context}. */
  public static ClientPool pool(JavaSparkContext context, LoadedConfig config) {
    Packing packing =
        new Packing(config.run().federation().packing(), context.defaultParallelism());
    return new TellingPool(
        context,
        (task, participants) -> train(context, config, new Round(task, participants, packing)));
  }

  private record Round(LocalTask task, List<Participant> clients, Packing packing) {}

  private static Cohort train(JavaSparkContext context, LoadedConfig config, Round round) {
    LocalTask task = round.task();
    List<Participant> clients = round.clients();
    FederationConfig federation = config.run().federation();
    String resolved = config.resolvedHocon();
    RoundStages stages =
        new RoundStages(
            context,
            "lorica " + config.run().general().name(),
            "round " + (task.round() + 1) + "/" + federation.rounds());
    stages.enterTraining(clients.size());
    Broadcast<LocalTask> announced = context.broadcast(task);
    List<List<Participant>> groups = Workbench.groups(clients, federation.packing().lanes());
    int partitions = round.packing().partitions(clients.size());
    JavaRDD<ClientUpdate> updates =
        context
            .parallelize(groups, Math.min(groups.size(), partitions))
            .flatMap(
                group ->
                    TaskDevice.bound(
                            () -> Workbench.shared(resolved).train(announced.value(), group))
                        .iterator())
            .setName(stages.round())
            .persist(StorageLevel.MEMORY_AND_DISK());
    long begin = System.nanoTime();
    try {
      Cohort cohort = new SparkCohort(stages, announced, updates, federation.packing().treeDepth());
      round.packing().trained(clients.size(), (System.nanoTime() - begin) / 1e9);
      return cohort;
    } catch (RuntimeException e) {
      release(stages, updates, announced);
      throw e;
    }
  }

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    stages.enter("sum " + message.getClass().getSimpleName());
    TreeShape shape = shape(message);
    Broadcast<ClientMessage> announced = stages.context().broadcast(message);
    try {
      return SparkFailures.explained(
          () ->
              updates
                  .treeAggregate(
                      new FixedPointSum(),
                      (sum, update) ->
                          sum.addInPlace(
                              announced.value().from(update.trained()),
                              update.participant().weight()),
                      FixedPointSum::mergeInPlace,
                      shape.depth(),
                      shape.finishedByExecutor())
                  .toMatrices());
    } finally {
      announced.destroy();
    }
  }

  /** How large a sum is, one message tells: all have the same shapes. */
  private TreeShape shape(ClientMessage message) {
    long payload = 0;
    for (Matrix matrix : message.from(TrainedClient.untrained(task.value().global()))) {
      payload += (long) matrix.rows() * matrix.cols() * Long.BYTES;
    }
    int partitions = updates.getNumPartitions();
    long most = stages.context().getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g");
    return treeDepth > 0
        ? TreeShape.ofDepth(treeDepth, partitions, payload, most)
        : TreeShape.of(partitions, payload, most);
  }

  @Override
  public TrainingStats stats() {
    return report.stats();
  }

  @Override
  public List<ClientFailure> failures() {
    return report.failures();
  }

  @Override
  public void close() {
    release(stages, updates, task);
  }

  static void release(
      RoundStages stages, JavaRDD<ClientUpdate> updates, Broadcast<LocalTask> task) {
    stages.leave();
    if (!stages.context().sc().isStopped()) { // else there is nothing left to free
      updates.unpersist(false);
      task.destroy();
    }
  }
}
