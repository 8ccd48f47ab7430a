package org.lorica.data;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * What a partition is like. Of more than 10,000 clients, labels are counted for 10,000 drawn at
 * random; sizes are those of the same clients.
 *
 * @param clients registered
 * @param examined clients that were looked at
 * @param sizes records of a client
 * @param labels records of each label over the examined clients, label to count
 * @param variation total variation between a client's label shares and the pool's, in [0, 1]
 */
public record PartitionSummary(
    int clients, int examined, Spread sizes, Map<Integer, Long> labels, Spread variation) {
  private static final int MOST_EXAMINED = 10_000;

  public PartitionSummary {
    labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
  }

  /**
   * Of one number a client.
   *
   * @param values all, ascending
   */
  public record Spread(List<Double> values) {
    public Spread {
      values = values.stream().sorted().toList();
    }

    /** The value below which a share {@code q} in [0, 1] of the clients lie. */
    public double quantile(double q) {
      return values.get((int) Math.round(q * (values.size() - 1)));
    }

    /** Mean over clients. */
    public double mean() {
      return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
  }

  /**
   * Looks at clients.
   *
   * @param labelsOf labels of a client's records, with repetition
   * @param pool label of every record that there is
   */
  public static PartitionSummary of(
      int clients, IntFunction<List<Integer>> labelsOf, List<Integer> pool, RandomKey root) {
    Labels known = Labels.of(pool);
    double[] global = new double[known.classes()];
    for (int k = 0; k < global.length; k++) {
      global[k] = (double) known.count(k) / pool.size();
    }
    int[] names = pool.stream().distinct().sorted().mapToInt(Integer::intValue).toArray();
    int count = Math.min(MOST_EXAMINED, clients);
    List<Integer> examined = Draw.distinct(root.with(Purpose.SHUFFLE).draws(), clients, count);
    long[][] counts =
        examined.parallelStream()
            .map(client -> counts(labelsOf.apply(client), names))
            .toArray(long[][]::new);
    Map<Integer, Long> labels = new TreeMap<>();
    for (int k = 0; k < names.length; k++) {
      int label = k;
      labels.put(names[k], Arrays.stream(counts).mapToLong(c -> c[label]).sum());
    }
    return new PartitionSummary(
        clients,
        count,
        new Spread(Arrays.stream(counts).map(c -> (double) Arrays.stream(c).sum()).toList()),
        labels,
        new Spread(Arrays.stream(counts).map(c -> variation(c, global)).toList()));
  }

  private static long[] counts(List<Integer> labels, int[] names) {
    long[] counts = new long[names.length];
    labels.forEach(label -> counts[Arrays.binarySearch(names, label)]++);
    return counts;
  }

  private static double variation(long[] counts, double[] global) {
    double total = Arrays.stream(counts).sum();
    return IntStream.range(0, counts.length)
            .mapToDouble(k -> Math.abs(counts[k] / total - global[k]))
            .sum()
        / 2;
  }
}
