package org.lorica.federation;

import java.util.List;
import java.util.stream.IntStream;
import org.lorica.data.Example;

/**
 * Clients whose examples stay elsewhere: only their numbers are known here.
 *
 * @param counts examples of every client
 */
public record SizedPopulation(List<Integer> counts) implements Population {
  public SizedPopulation {
    counts = List.copyOf(counts);
  }

  @Override
  public int clients() {
    return counts.size();
  }

  @Override
  public int size(int client) {
    return counts.get(client);
  }

  @Override
  public IntStream sizes() {
    return counts.stream().mapToInt(Integer::intValue).distinct();
  }

  @Override
  public long records() {
    return counts.stream().mapToLong(Integer::longValue).sum();
  }

  @Override
  public boolean overlapping() {
    return false;
  }

  @Override
  public List<Example> pool() {
    return List.of();
  }

  @Override
  public List<Example> examples(int client) {
    throw new UnsupportedOperationException("the examples of client " + client + " are not here");
  }

  @Override
  public List<Example> test() {
    return List.of();
  }

  @Override
  public List<String> labels() {
    return List.of();
  }
}
