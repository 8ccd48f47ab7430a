package org.lorica.federation;

import java.util.List;
import java.util.stream.IntStream;
import org.lorica.config.RunConfig;
import org.lorica.data.Example;
import org.lorica.data.Partition;
import org.lorica.model.Model;
import org.lorica.random.RandomKey;

/** Clients that hold texts or images of a pool. */
record PooledPopulation(RecordPool source, Partition partition) implements Population {

  static PooledPopulation load(RunConfig config, Model model) {
    RecordPool source = RecordPool.of(config, model);
    RandomKey key = RandomKey.root(config.general().seed());
    return new PooledPopulation(source, Partitions.of(config.clients(), source.records(), key));
  }

  @Override
  public int clients() {
    return partition.clients();
  }

  @Override
  public int size(int client) {
    return partition.size(client);
  }

  @Override
  public IntStream sizes() {
    return partition.sizes();
  }

  @Override
  public long records() {
    return partition.records();
  }

  @Override
  public boolean overlapping() {
    return partition.overlapping();
  }

  @Override
  public List<Example> pool() {
    return source.train();
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
  public List<String> notes() {
    return source.notes();
  }
}
