package org.lorica.data;

import java.util.List;
import java.util.function.IntUnaryOperator;

/** Client c holds what stands at positions c, c + clients, c + 2·clients … of an order. */
record Slices(int clients, int total, IntUnaryOperator order) implements Partition {
  @Override
  public int size(int client) {
    return (total - client + clients - 1) / clients;
  }

  @Override
  public List<Integer> of(int client) {
    return Partition.sorted(size(client), i -> order.applyAsInt(client + i * clients));
  }
}
