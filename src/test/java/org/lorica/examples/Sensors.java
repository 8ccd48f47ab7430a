package org.lorica.examples;

import java.util.List;
import java.util.stream.IntStream;
import org.lorica.data.Example;
import org.lorica.federation.Population;

// docs: population
/**
 * Clients that exist as a function of their number: client k has {@code perClient} token sequences
 * that count up from k, labelled by the parity of their start.
 */
record Sensors(int clients, int perClient) implements Population {

  private static Example reading(int start) {
    return new Example(new int[] {start % 20, (start + 1) % 20, (start + 2) % 20}, start % 2);
  }

  @Override
  public int size(int client) {
    return perClient; // public: the privacy plan calibrates noise by it
  }

  @Override
  public List<Example> examples(int client) {
    return IntStream.range(client, client + perClient).mapToObj(Sensors::reading).toList();
  }

  @Override
  public List<Example> test() {
    return IntStream.range(100, 140).mapToObj(Sensors::reading).toList();
  }

  @Override
  public List<String> labels() {
    return List.of("even", "odd");
  }

  @Override
  public IntStream sizes() {
    return IntStream.of(perClient);
  }

  @Override
  public long records() {
    return (long) clients * perClient;
  }

  @Override
  public boolean overlapping() {
    return true; // neighbours share readings
  }

  @Override
  public List<Example> pool() {
    return IntStream.range(0, clients + perClient).mapToObj(Sensors::reading).toList();
  }
}
// docs: end
