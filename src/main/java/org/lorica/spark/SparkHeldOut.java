package org.lorica.spark;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.lorica.config.LoadedConfig;
import org.lorica.federation.Evaluation;
import org.lorica.federation.Evaluator;
import org.lorica.federation.HeldOut;
import org.lorica.federation.ScoredChunk;
import org.lorica.federation.Workbench;
import org.lorica.lora.AdapterSet;

/**
 * Evaluation on the executors, which have the held-out examples: an adapter goes out once, a few
 * numbers an example come back. The same bits as {@link Evaluator}'s own, on any number of slots.
 */
public final class SparkHeldOut implements HeldOut {
  private static final int PARTITIONS_PER_SLOT = 2;

  private final JavaSparkContext context;
  private final String group;
  private final Workbench workbench;
  private final String resolved;

  private SparkHeldOut(JavaSparkContext context, LoadedConfig config) {
    this.context = context;
    this.group = "lorica " + config.run().general().name();
    this.resolved = config.resolvedHocon();
    this.workbench = Workbench.shared(resolved);
  }

  /** Evaluates on the cluster of {@code context}. */
  public static SparkHeldOut on(JavaSparkContext context, LoadedConfig config) {
    return new SparkHeldOut(context, config);
  }

  @Override
  public Evaluation of(AdapterSet adapter) {
    RoundStages stages = new RoundStages(context, group, "held-out examples");
    int chunks = Evaluator.chunks(workbench.population().test());
    stages.enter("evaluate");
    Broadcast<AdapterSet> announced = context.broadcast(adapter);
    String settings = resolved; // the task takes this text along, not the whole object
    int partitions = Math.min(chunks, PARTITIONS_PER_SLOT * context.defaultParallelism());
    try {
      List<ScoredChunk> scored =
          SparkFailures.explained(
              () ->
                  context
                      .parallelize(IntStream.range(0, chunks).boxed().toList(), partitions)
                      .map(
                          chunk ->
                              TaskDevice.bound(
                                  () ->
                                      Evaluator.scored(
                                          Workbench.shared(settings), announced.value(), chunk)))
                      .collect());
      return Evaluator.summarise(workbench, scored);
    } finally {
      stages.leave();
      if (!context.sc().isStopped()) {
        announced.destroy();
      }
    }
  }

  @Override
  public boolean fitsBesideTraining() {
    return true;
  }
}
