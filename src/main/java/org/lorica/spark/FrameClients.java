package org.lorica.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lorica.config.ClientsConfig;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.Partition;
import org.lorica.federation.ClientPool;
import org.lorica.federation.ClientUpdate;
import org.lorica.federation.Participant;
import org.lorica.federation.Partitions;
import org.lorica.federation.Population;
import org.lorica.federation.SizedPopulation;
import org.lorica.federation.Workbench;
import org.lorica.random.RandomKey;
import scala.Tuple2;

/**
 * Clients whose records are rows of a distributed table. The rows stay on the cluster, grouped by
 * client and tokenised or decoded once; the driver knows every client's number of records, and of
 * records that it deals out their labels.
 *
 * <p>Records count by what is in them: the same rows in any order, in any partitions, make the same
 * clients.
 */
public final class FrameClients implements AutoCloseable {
  private static final int PARTITIONS_PER_SLOT = 4;
  private static final Comparator<FrameRecord> BY_CONTENT = new FrameRecord.ByContent();

  private final JavaSparkContext context;
  private final JavaRDD<Client> clients;
  private final List<Integer> sizes;
  private final Optional<Broadcast<int[]>> owners;

  private FrameClients(
      JavaSparkContext context, JavaRDD<Client> clients, Optional<Broadcast<int[]>> owners) {
    this.context = context;
    this.clients = clients;
    this.owners = owners;
    this.sizes =
        clients
            .mapToPair(client -> new Tuple2<>(client.number(), client.examples().size()))
            .collect()
            .stream()
            .sorted(Comparator.comparing(Tuple2::_1))
            .map(Tuple2::_2)
            .toList();
  }

  /** Rows of a table, and how a model reads them. */
  public record Rows(JavaRDD<FrameRecord> records, FrameEncoding encoding) {}

  /** A client's records, as the model reads them. */
  private record Client(int number, List<Example> examples) implements Serializable {}

  /** Every distinct {@link FrameRecord#client} is a client; those with few records are left out. */
  public static FrameClients natural(JavaSparkContext context, Rows rows, RunConfig config) {
    int least = config.clients().sizes().least();
    JavaPairRDD<Integer, Iterable<FrameRecord>> grouped =
        rows.records()
            .groupBy(FrameRecord::client)
            .filter(client -> count(client._2()) >= least)
            .sortByKey()
            .zipWithIndex()
            .mapToPair(client -> new Tuple2<>(client._2().intValue(), client._1()._2()));
    return encoded(context, grouped, rows.encoding(), Optional.empty());
  }

  /** Records are dealt out as {@code lorica.clients} says; its sharing of records is refused. */
  public static FrameClients dealt(JavaSparkContext context, Rows rows, RunConfig config) {
    if (config.clients().records() == ClientsConfig.Records.SHARED) {
      throw new IllegalArgumentException(
          "clients.records must be disjoint for the rows of a table, got shared");
    }
    JavaPairRDD<FrameRecord, Long> indexed =
        rows.records()
            .mapToPair(record -> new Tuple2<>(record, 0))
            .sortByKey(BY_CONTENT)
            .keys()
            .zipWithIndex();
    List<Integer> labels = indexed.keys().map(FrameRecord::label).collect();
    Partition partition =
        Partitions.byLabels(config.clients(), labels, RandomKey.root(config.general().seed()));
    int[] owner = new int[labels.size()];
    Arrays.fill(owner, -1);
    for (int client = 0; client < partition.clients(); client++) {
      for (int record : partition.of(client)) {
        owner[record] = client;
      }
    }
    Broadcast<int[]> owners = context.broadcast(owner);
    JavaPairRDD<Integer, Iterable<FrameRecord>> grouped =
        indexed
            .mapToPair(r -> new Tuple2<>(owners.value()[r._2().intValue()], r._1()))
            .filter(r -> r._1() >= 0)
            .groupByKey();
    return encoded(context, grouped, rows.encoding(), Optional.of(owners));
  }

  private static int count(Iterable<FrameRecord> records) {
    int count = 0;
    for (Iterator<FrameRecord> i = records.iterator(); i.hasNext(); i.next()) {
      count++;
    }
    return count;
  }

  private static FrameClients encoded(
      JavaSparkContext context,
      JavaPairRDD<Integer, Iterable<FrameRecord>> grouped,
      FrameEncoding encoding,
      Optional<Broadcast<int[]>> owners) {
    JavaRDD<Client> clients =
        grouped
            .repartition(PARTITIONS_PER_SLOT * context.defaultParallelism())
            .mapPartitions(part -> encode(part, encoding))
            .setName("clients")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return new FrameClients(context, clients, owners);
    } catch (RuntimeException e) {
      release(clients, owners);
      throw e;
    }
  }

  private static Iterator<Client> encode(
      Iterator<Tuple2<Integer, Iterable<FrameRecord>>> part, FrameEncoding encoding) {
    List<Client> clients = new ArrayList<>();
    if (part.hasNext()) {
      try (FrameEncoding.Encoder encoder = encoding.open()) {
        while (part.hasNext()) {
          Tuple2<Integer, Iterable<FrameRecord>> client = part.next();
          List<FrameRecord> records = new ArrayList<>();
          client._2().forEach(records::add);
          records.sort(BY_CONTENT);
          clients.add(
              new Client(
                  client._1(),
                  new ArrayList<>(
                      records.stream()
                          .map(r -> encoder.example(r.content(), r.label()))
                          .toList())));
        }
      }
    }
    return clients.iterator();
  }

  /** The clients as the driver knows them. */
  public Population population() {
    return new SizedPopulation(sizes);
  }

  /** Greatest label of any record; −1 without records. */
  public int greatestLabel() {
    return clients
        .map(c -> c.examples().stream().mapToInt(Example::label).max().orElse(-1))
        .fold(-1, Math::max);
  }

  /** Trains where the records are. */
  public ClientPool pool(LoadedConfig config) {
    String resolved = config.resolvedHocon();
    int rounds = config.run().federation().rounds();
    String group = "lorica " + config.run().general().name();
    int depth = config.run().federation().packing().treeDepth();
    ClientPool pool =
        (task, participants) -> {
          Map<Integer, Participant> chosen = new HashMap<>();
          participants.forEach(p -> chosen.put(p.client(), p));
          RoundStages stages =
              new RoundStages(context, group, "round " + (task.round() + 1) + "/" + rounds);
          stages.enterTraining(participants.size());
          var announced = context.broadcast(task);
          JavaRDD<ClientUpdate> updates =
              clients
                  .filter(client -> chosen.containsKey(client.number()))
                  .map(
                      client ->
                          TaskDevice.bound(
                              () ->
                                  Workbench.withoutData(resolved)
                                      .train(
                                          announced.value(),
                                          chosen.get(client.number()),
                                          client.examples())))
                  .setName(stages.round())
                  .persist(StorageLevel.MEMORY_AND_DISK());
          try {
            return new SparkCohort(stages, announced, updates, depth);
          } catch (RuntimeException e) {
            SparkCohort.release(stages, updates, announced);
            throw e;
          }
        };
    return new TellingPool(context, pool);
  }

  @Override
  public void close() {
    release(clients, owners);
  }

  private static void release(JavaRDD<Client> clients, Optional<Broadcast<int[]>> owners) {
    clients.unpersist(false);
    owners.ifPresent(Broadcast::destroy);
  }
}
