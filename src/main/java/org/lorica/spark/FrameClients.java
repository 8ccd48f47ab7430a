package org.lorica.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lorica.config.LoadedConfig;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.Partition;
import org.lorica.data.TextRecord;
import org.lorica.data.TextTokenizer;
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
 * client and tokenised once; the driver knows every client's number of records, and of records that
 * it deals out their labels.
 *
 * <p>Records count by what is in them: the same rows in any order, in any partitions, make the same
 * clients.
 */
public final class FrameClients implements AutoCloseable {
  private static final int PARTITIONS_PER_SLOT = 4;
  private static final Comparator<TextRecord> BY_CONTENT = new ByContent();

  private final JavaSparkContext context;
  private final JavaRDD<Client> clients;
  private final List<Integer> sizes;

  private FrameClients(JavaSparkContext context, JavaRDD<Client> clients) {
    this.context = context;
    this.clients = clients;
    this.sizes =
        clients
            .mapToPair(client -> new Tuple2<>(client.number(), client.examples().size()))
            .collect()
            .stream()
            .sorted(Comparator.comparing(Tuple2::_1))
            .map(Tuple2::_2)
            .toList();
  }

  /** A client's records, tokenised. */
  private record Client(int number, List<Example> examples) implements Serializable {}

  /** The order of records that makes clients independent of where their rows were. */
  private static final class ByContent implements Comparator<TextRecord>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(TextRecord a, TextRecord b) {
      int byText = a.text().compareTo(b.text());
      return byText != 0 ? byText : Integer.compare(a.label(), b.label());
    }
  }

  /** Every distinct {@link TextRecord#client} is a client; those with few records are left out. */
  public static FrameClients natural(
      JavaSparkContext context, JavaRDD<TextRecord> records, RunConfig config) {
    int least = config.clients().sizes().least();
    JavaPairRDD<Integer, Iterable<TextRecord>> grouped =
        records
            .groupBy(TextRecord::client)
            .filter(client -> count(client._2()) >= least)
            .sortByKey()
            .zipWithIndex()
            .mapToPair(client -> new Tuple2<>(client._2().intValue(), client._1()._2()));
    return tokenised(context, grouped, config);
  }

  /** Records are dealt out as {@code lorica.clients} says; its sharing of records is refused. */
  public static FrameClients dealt(
      JavaSparkContext context, JavaRDD<TextRecord> records, RunConfig config) {
    if (config.clients().records() == RunConfig.ClientsConfig.Records.SHARED) {
      throw new IllegalArgumentException(
          "clients.records must be disjoint for the rows of a table, got shared");
    }
    JavaPairRDD<TextRecord, Long> indexed =
        records
            .mapToPair(record -> new Tuple2<>(record, 0))
            .sortByKey(BY_CONTENT)
            .keys()
            .zipWithIndex();
    List<Integer> labels = indexed.keys().map(TextRecord::label).collect();
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
    JavaPairRDD<Integer, Iterable<TextRecord>> grouped =
        indexed
            .mapToPair(r -> new Tuple2<>(owners.value()[r._2().intValue()], r._1()))
            .filter(r -> r._1() >= 0)
            .groupByKey();
    return tokenised(context, grouped, config);
  }

  private static int count(Iterable<TextRecord> records) {
    int count = 0;
    for (Iterator<TextRecord> i = records.iterator(); i.hasNext(); i.next()) {
      count++;
    }
    return count;
  }

  private static FrameClients tokenised(
      JavaSparkContext context,
      JavaPairRDD<Integer, Iterable<TextRecord>> grouped,
      RunConfig config) {
    String folder = config.model().path();
    int limit = config.model().maxLength();
    JavaRDD<Client> clients =
        grouped
            .repartition(PARTITIONS_PER_SLOT * context.defaultParallelism())
            .mapPartitions(part -> encode(part, folder, limit))
            .setName("clients")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return new FrameClients(context, clients);
    } catch (RuntimeException e) {
      clients.unpersist(false);
      throw e;
    }
  }

  private static Iterator<Client> encode(
      Iterator<Tuple2<Integer, Iterable<TextRecord>>> part, String folder, int limit) {
    List<Client> clients = new ArrayList<>();
    if (part.hasNext()) {
      try (TextTokenizer tokenizer = TextTokenizer.open(Path.of(folder))) {
        while (part.hasNext()) {
          Tuple2<Integer, Iterable<TextRecord>> client = part.next();
          List<TextRecord> records = new ArrayList<>();
          client._2().forEach(records::add);
          records.sort(BY_CONTENT);
          clients.add(
              new Client(
                  client._1(),
                  new ArrayList<>(
                      records.stream()
                          .map(r -> new Example(tokenizer.encode(r.text(), limit), r.label()))
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
    Broadcast<String> resolved = context.broadcast(config.resolvedHocon());
    int rounds = config.run().federation().rounds();
    String group = "lorica " + config.run().general().name();
    int depth = config.run().federation().packing().treeDepth();
    return (task, participants) -> {
      Map<Integer, Participant> chosen = new HashMap<>();
      participants.forEach(p -> chosen.put(p.client(), p));
      RoundStages stages =
          new RoundStages(context, group, "round " + (task.round() + 1) + "/" + rounds);
      stages.enter("train " + participants.size() + " clients");
      var announced = context.broadcast(task);
      JavaRDD<ClientUpdate> updates =
          clients
              .filter(client -> chosen.containsKey(client.number()))
              .map(
                  client ->
                      TaskDevice.bound(
                          () ->
                              Workbench.withoutData(resolved.value())
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
  }

  @Override
  public void close() {
    clients.unpersist(false);
  }
}
