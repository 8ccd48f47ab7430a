package org.lorica.report;

import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * One method at one budget and level of heterogeneity, over several seeds; all figures are of the
 * last round.
 *
 * @param metric on held-out examples
 * @param loss on held-out examples, nats
 */
public record ComparisonRow(Setting setting, Figure metric, Figure loss, Cost cost, Spent spent) {

  /**
   * What was run.
   *
   * @param budget ε asked for, or {@code none}
   * @param rates step sizes that tuning chose
   * @param seeds that ended well
   */
  public record Setting(String method, String budget, String level, String rates, int seeds) {}

  /** One value a seed. */
  public record Figure(String name, SortedMap<Long, Double> bySeed) {
    public Figure {
      bySeed = Collections.unmodifiableSortedMap(new TreeMap<>(bySeed));
    }

    /** NaN without a seed. */
    public double mean() {
      return values().average().orElse(Double.NaN);
    }

    /** Standard error of the mean; NaN with a single seed. */
    public double error() {
      int n = bySeed.size();
      double mean = mean();
      double squares = values().map(v -> (v - mean) * (v - mean)).sum();
      return n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
    }

    /** Differences of the seeds that both have. */
    public Figure minus(Figure other) {
      SortedMap<Long, Double> differences = new TreeMap<>(bySeed);
      differences.keySet().retainAll(other.bySeed().keySet());
      differences.replaceAll((seed, value) -> value - other.bySeed().get(seed));
      return new Figure(name, differences);
    }

    private DoubleStream values() {
      return bySeed.values().stream().mapToDouble(Double::doubleValue);
    }
  }

  /**
   * Privacy.
   *
   * @param epsilon the greatest over seeds; empty where nothing is claimed
   * @param notCovered what must be said beside that ε, as {@link PrivacyStatement#notCovered} does
   */
  public record Spent(OptionalDouble epsilon, List<String> notCovered) {
    public static final Spent NOTHING_CLAIMED = new Spent(OptionalDouble.empty(), List.of());

    public Spent {
      notCovered = List.copyOf(notCovered);
    }
  }

  /**
   * What a round costs, mean over rounds and seeds.
   *
   * @param bytesUp a client and round, as a real deployment would send them
   * @param driverSeconds of aggregation a round, without the clients' part
   * @param peakHeapMib greatest heap use of the driver's JVM, MiB
   */
  public record Cost(double bytesUp, double bytesDown, double driverSeconds, double peakHeapMib) {}
}
