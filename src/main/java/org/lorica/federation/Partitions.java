package org.lorica.federation;

import java.util.List;
import org.lorica.config.ClientsConfig;
import org.lorica.data.DealtPartition;
import org.lorica.data.DrawnPartition;
import org.lorica.data.Labelled;
import org.lorica.data.Partition;
import org.lorica.random.RandomKey;

/** The partition that {@code lorica.clients} describes. */
public final class Partitions {
  private Partitions() {}

  /** Who holds which of {@code records}. */
  public static Partition of(
      ClientsConfig clients, List<? extends Labelled> records, RandomKey key) {
    if (clients.partitioner() == ClientsConfig.Partitioner.NATURAL) {
      List<String> names = records.stream().map(Labelled::client).toList();
      return DealtPartition.natural(names, clients.sizes().least())
          .limited(clients.count(), clients.sizes().most());
    }
    return byLabels(clients, records.stream().map(Labelled::label).toList(), key);
  }

  /** As {@link #of}, for records of which only the labels are known. */
  public static Partition byLabels(ClientsConfig clients, List<Integer> labels, RandomKey key) {
    return clients.records() == ClientsConfig.Records.SHARED
        ? drawn(clients, labels, key)
        : dealt(clients, labels, key).capped(clients.sizes().most(), key);
  }

  private static Partition dealt(ClientsConfig clients, List<Integer> labels, RandomKey key) {
    ClientsConfig.Skew skew = clients.skew();
    int count = clients.count();
    int least = clients.sizes().least();
    Partition.requireEnough(labels.size(), count, least);
    return switch (clients.partitioner()) {
      case IID -> DealtPartition.iid(labels.size(), count, key);
      case DIRICHLET -> DealtPartition.dirichlet(labels, count, skew.dirichletAlpha(), least, key);
      case DIRICHLET_CLIENT ->
          DealtPartition.dirichletByClient(labels, count, skew.dirichletAlpha(), key);
      case QUANTITY_SKEW ->
          DealtPartition.quantitySkew(labels.size(), count, skew.quantitySigma(), least, key);
      case PATHOLOGICAL -> DealtPartition.pathological(labels, count, skew.classesPerClient(), key);
      case NATURAL ->
          throw new IllegalArgumentException(
              "clients.partitioner must not be natural where records name no client, got natural");
    };
  }

  private static Partition drawn(ClientsConfig clients, List<Integer> labels, RandomKey key) {
    ClientsConfig.Skew skew = clients.skew();
    int count = clients.count();
    DrawnPartition.Sizes sizes = sizes(clients, labels.size());
    return switch (clients.partitioner()) {
      case DIRICHLET_CLIENT ->
          DrawnPartition.dirichlet(labels, count, skew.dirichletAlpha(), sizes, key);
      case PATHOLOGICAL ->
          DrawnPartition.pathological(labels, count, skew.classesPerClient(), sizes, key);
      default -> DrawnPartition.iid(labels.size(), count, sizes, key);
    };
  }

  private static DrawnPartition.Sizes sizes(ClientsConfig clients, int records) {
    int examples = clients.sizes().examples().orElseThrow();
    int most = clients.sizes().most() == 0 ? records : clients.sizes().most();
    int least = Math.min(clients.sizes().least(), most);
    return clients.partitioner() == ClientsConfig.Partitioner.QUANTITY_SKEW
        ? new DrawnPartition.Sizes(examples, clients.skew().quantitySigma(), least, most)
        : DrawnPartition.Sizes.equal(
            clients.sizes().most() == 0 ? examples : Math.min(examples, most));
  }
}
