package org.lorica.spark;

import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lorica.federation.ClientOptimizer;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.LocalTask;
import org.lorica.federation.Participant;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.privacy.ClientTerms;
import org.lorica.random.RandomKey;
import org.lorica.sketch.TrainedClient;

/** Clients that were never trained, to measure what the rest of a round costs. */
public final class SyntheticClients {
  private static final double SPREAD = 1e-3;

  private SyntheticClients() {}

  /**
   * A cohort whose clients each hold {@code global} plus small noise of their own, in the RDD that
   * a trained cohort has.
   *
   * @param clients > 0, of equal weights
   * @param partitions > 0
   */
  public static Cohort cohort(
      JavaSparkContext context, AdapterSet global, int clients, int partitions) {
    LocalTask task =
        new LocalTask(
            0,
            global,
            LocalPlan.always(Set.of(Role.A, Role.B)),
            new LocalTask.Training(
                1, 1, 1, new ClientOptimizer.Settings(ClientOptimizer.Kind.SGD, 1, 1, 1)));
    RoundStages stages = new RoundStages(context, "synthetic clients", "round 1/1");
    stages.enter("make " + clients + " clients");
    Broadcast<LocalTask> announced = context.broadcast(task);
    JavaRDD<ClientUpdate> updates =
        context
            .parallelize(IntStream.range(0, clients).boxed().toList(), partitions)
            .map(client -> update(client, announced.value().global(), 1.0 / clients))
            .setName(stages.round())
            .persist(StorageLevel.MEMORY_AND_DISK());
    return new SparkCohort(stages, announced, updates, 0);
  }

  private static ClientUpdate update(int client, AdapterSet global, double weight) {
    RandomKey key = RandomKey.root(client);
    float[] values = global.toArray();
    double[] noise = new double[values.length];
    key.addGaussiansInPlace(SPREAD, noise);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) noise[i];
    }
    return new ClientUpdate(
        new Participant(client, weight, ClientTerms.withoutPrivacy(1), key),
        TrainedClient.untrained(AdapterSet.of(global.layout(), values)),
        new TrainingStats(1, 0, 0, 0, 0));
  }
}
