package org.lorica.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lorica.random.Permutation;
import org.lorica.random.RandomKey;

/** Equal pieces of an ordered pool, {@code each} of them a client, in a keyed order. */
final class Shards implements Partition {
  private final int[] pool;
  private final int clients;
  private final int each;
  private final Permutation order;

  private Shards(int[] pool, int clients, int each, Permutation order) {
    this.pool = pool;
    this.clients = clients;
    this.each = each;
    this.order = order;
  }

  static Shards of(int[] pool, int clients, int each, RandomKey key) {
    return new Shards(pool, clients, each, Permutation.of(key, Math.multiplyExact(clients, each)));
  }

  @Override
  public int clients() {
    return clients;
  }

  @Override
  public int size(int client) {
    return shards(client).map(shard -> start(shard + 1) - start(shard)).sum();
  }

  @Override
  public List<Integer> of(int client) {
    return shards(client)
        .flatMap(shard -> Arrays.stream(pool, start(shard), start(shard + 1)))
        .sorted()
        .boxed()
        .toList();
  }

  private IntStream shards(int client) {
    return IntStream.range(client * each, (client + 1) * each).map(order::at);
  }

  private int start(int shard) {
    return (int) ((long) shard * pool.length / order.size());
  }
}
