package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraModule;
import org.lorica.random.RandomKey;
import org.lorica.testing.RandomClients;

/**
 * No method forms a matrix of out × in, nor do its clients' messages: everything that aggregation
 * allocates, garbage included, is together less than one such matrix.
 */
class AggregateMemoryTest {
  private static final int SIDE = 3000;
  private static final long DENSE = 8L * SIDE * SIDE;
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(List.of(new LoraModule("module", SIDE, SIDE)), List.of(), 2, 1);

  private static AdapterSet client(long seed) {
    float[] values = new float[LAYOUT.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RandomKey.root(seed).gaussian(i);
    }
    return AdapterSet.of(LAYOUT, values);
  }

  private static long allocated(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    work.run();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }

  static Stream<String> methods() {
    return AggregateBench.strategies(2).keySet().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void aggregationAllocatesLessThanOneDenseMatrix(String name) {
    Strategy strategy = AggregateBench.strategies(2).get(name);
    List<AdapterSet> clients = List.of(client(1), client(2));
    RoundContext round = new RoundContext(0, RandomKey.root(1), client(1));
    strategy.aggregate(round, RandomClients.cohortOf(clients)); // loads classes and natives
    long bytes = allocated(() -> strategy.aggregate(round, RandomClients.cohortOf(clients)));
    assertThat(bytes).isPositive().isLessThan(DENSE);
  }

  /** The measure would see one. */
  @Test
  void aDenseProductIsSeen() {
    AdapterSet one = client(1);
    assertThat(allocated(() -> one.factors().get(0).product())).isGreaterThan(DENSE);
    assertThat(Set.copyOf(methods().toList())).hasSize(10);
  }
}
