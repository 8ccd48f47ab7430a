package org.lorica.spark;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.federation.ClientPool;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalTask;
import org.lorica.federation.Participant;
import org.lorica.federation.TrainingStats;
import org.lorica.federation.Workbench;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.FixedPointSum;
import org.lorica.tensor.Matrix;

/**
 * A round's clients as partitions of an RDD. The first action trains them; the results stay
 * persisted (memory and disk) for every exchange, and a lost partition is recomputed to the same
 * bits, because every draw is a function of its key.
 */
public final class SparkCohort implements Cohort {
  private final JavaSparkContext context;
  private final Broadcast<LocalTask> task;
  private final JavaRDD<ClientUpdate> updates;
  private final int treeDepth;
  private final TrainingStats stats;

  SparkCohort(
      JavaSparkContext context,
      Broadcast<LocalTask> task,
      JavaRDD<ClientUpdate> updates,
      int treeDepth) {
    this.context = context;
    this.task = task;
    this.updates = updates;
    this.treeDepth = treeDepth;
    this.stats = updates.map(ClientUpdate::stats).fold(TrainingStats.NONE, TrainingStats::plus);
  }

  /** Trains on the cluster of {@code context}. */
  public static ClientPool pool(JavaSparkContext context, LoadedConfig config) {
    Broadcast<String> resolved = context.broadcast(config.resolvedHocon());
    RunConfig.FederationConfig federation = config.run().federation();
    Packing packing = new Packing(federation.packing(), context.defaultParallelism());
    return (task, participants) ->
        train(context, federation, resolved, new Round(task, participants, packing));
  }

  private record Round(LocalTask task, List<Participant> clients, Packing packing) {}

  private static Cohort train(
      JavaSparkContext context,
      RunConfig.FederationConfig federation,
      Broadcast<String> config,
      Round round) {
    LocalTask task = round.task();
    List<Participant> clients = round.clients();
    String stage = "round " + (task.round() + 1) + "/" + federation.rounds();
    context.setJobDescription(stage + " · train " + clients.size() + " clients");
    Broadcast<LocalTask> announced = context.broadcast(task);
    JavaRDD<ClientUpdate> updates =
        context
            .parallelize(clients, round.packing().partitions(clients.size()))
            .map(client -> Workbench.shared(config.value()).train(announced.value(), client))
            .setName(stage)
            .persist(StorageLevel.MEMORY_AND_DISK());
    long begin = System.nanoTime();
    try {
      Cohort cohort =
          new SparkCohort(context, announced, updates, federation.packing().treeDepth());
      round.packing().trained(clients.size(), (System.nanoTime() - begin) / 1e9);
      return cohort;
    } catch (RuntimeException e) {
      updates.unpersist(false);
      announced.destroy();
      throw e;
    }
  }

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    context.setJobDescription(updates.name() + " · sum " + message.getClass().getSimpleName());
    Broadcast<ClientMessage> announced = context.broadcast(message);
    try {
      return updates
          .treeAggregate(
              new FixedPointSum(),
              (sum, update) ->
                  sum.addInPlace(
                      announced.value().from(update.trained()), update.participant().weight()),
              FixedPointSum::mergeInPlace,
              treeDepth)
          .toMatrices();
    } finally {
      announced.destroy();
    }
  }

  @Override
  public TrainingStats stats() {
    return stats;
  }

  @Override
  public void close() {
    updates.unpersist(false);
    task.destroy();
  }
}
