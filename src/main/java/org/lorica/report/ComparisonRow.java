package org.lorica.report;

import java.util.List;
import java.util.OptionalDouble;

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

  /**
   * Mean and its standard error.
   *
   * @param error NaN with a single seed
   */
  public record Figure(String name, double mean, double error) {

    /** Of one value a seed. */
    public static Figure of(String name, List<Double> values) {
      int n = values.size();
      double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      return new Figure(name, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n));
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
