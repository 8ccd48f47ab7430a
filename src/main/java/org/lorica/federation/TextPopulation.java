package org.lorica.federation;

import java.nio.file.Path;
import java.util.List;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.Partition;
import org.lorica.data.TextRecord;
import org.lorica.random.RandomKey;

/** Clients that hold texts: read, split, dealt out and tokenised as the configuration says. */
final class TextPopulation implements Population {
  private final Partition partition;
  private final EncodedRecords source;

  private TextPopulation(Partition partition, EncodedRecords source) {
    this.partition = partition;
    this.source = source;
  }

  static TextPopulation load(RunConfig config) {
    EncodedRecords.Tokenising tokenising =
        new EncodedRecords.Tokenising(Path.of(config.model().path()), config.model().maxLength());
    EncodedRecords source = EncodedRecords.load(config.data(), tokenising, config.general().seed());
    RandomKey key = RandomKey.root(config.general().seed());
    return new TextPopulation(partition(config, source.records(), key), source);
  }

  private static Partition partition(RunConfig config, List<TextRecord> records, RandomKey key) {
    RunConfig.ClientsConfig clients = config.clients();
    return switch (clients.partitioner()) {
      case IID ->
          Partition.iid(records.size(), clients.count(), key).limited(0, clients.maxExamples());
      case DIRICHLET ->
          Partition.dirichlet(
                  records.stream().map(TextRecord::label).toList(),
                  clients.count(),
                  clients.dirichletAlpha(),
                  clients.minExamples(),
                  key)
              .limited(0, clients.maxExamples());
      case NATURAL ->
          Partition.natural(
                  records.stream().map(TextRecord::client).toList(), clients.minExamples())
              .limited(clients.count(), clients.maxExamples());
    };
  }

  @Override
  public int clients() {
    return partition.clients();
  }

  @Override
  public int size(int client) {
    return partition.of(client).size();
  }

  @Override
  public List<Example> examples(int client) {
    return partition.of(client).stream().map(source.train()::get).toList();
  }

  @Override
  public List<Example> test() {
    return source.test();
  }

  @Override
  public List<String> labels() {
    return source.labels();
  }

  @Override
  public List<String> remarks() {
    return source.remarks();
  }
}
