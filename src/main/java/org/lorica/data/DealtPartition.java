package org.lorica.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.lorica.random.Draws;
import org.lorica.random.Permutation;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Every record belongs to one client at most: a pool dealt out. Schemes in which one client's share
 * depends on the others' are kept as one array of record indices; the others are computed.
 */
public final class DealtPartition implements Partition {
  private static final int TRIES = 100;

  private final int[] records;
  private final int[] ends;

  private DealtPartition(List<List<Integer>> clients) {
    ends = new int[clients.size()];
    records = new int[clients.stream().mapToInt(List::size).sum()];
    int at = 0;
    for (int c = 0; c < ends.length; c++) {
      for (int record : clients.get(c)) {
        records[at++] = record;
      }
      ends[c] = at;
    }
  }

  @Override
  public int clients() {
    return ends.length;
  }

  @Override
  public int size(int client) {
    return ends[client] - start(client);
  }

  private int start(int client) {
    return client == 0 ? 0 : ends[client - 1];
  }

  @Override
  public List<Integer> of(int client) {
    return Arrays.stream(records, start(client), ends[client]).boxed().toList();
  }

  /** Equal shares of a shuffled pool; computed, nothing is kept. */
  public static Partition iid(int records, int clients, RandomKey root) {
    Partition.requireEnough(records, clients, 1);
    Permutation order = Permutation.of(root.with(Purpose.PARTITION), records);
    return new Slices(clients, records, order::at);
  }

  /**
   * Label skew by class: every class is dealt out by its own Dirichlet(alpha) draw (arXiv
   * 1909.06335's setting, class by class as in arXiv 1905.12022). Draws are repeated until every
   * client has {@code minExamples}.
   */
  public static Partition dirichlet(
      List<Integer> labels, int clients, double alpha, int minExamples, RandomKey root) {
    Partition.requireEnough(labels.size(), clients, minExamples);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<List<Integer>> shares =
          deal(labels, clients, alpha, root.with(Purpose.PARTITION).with(attempt));
      if (shares.stream().allMatch(share -> share.size() >= minExamples)) {
        return new DealtPartition(shares);
      }
    }
    throw new IllegalArgumentException(
        "clients.min-examples = "
            + minExamples
            + " was not met in "
            + TRIES
            + " Dirichlet draws for clients.count = "
            + clients
            + " over "
            + labels.size()
            + " records; lower either, or raise clients.dirichlet-alpha");
  }

  private static List<List<Integer>> deal(
      List<Integer> labels, int clients, double alpha, RandomKey key) {
    GammaDistribution gamma = new GammaDistribution(null, alpha, 1);
    List<List<Integer>> shares = empty(clients);
    Labels.byLabel(labels)
        .forEach(
            (label, records) -> {
              RandomKey draws = key.with(label);
              double[] upTo = new double[clients];
              double total = 0;
              for (int c = 0; c < clients; c++) {
                total += gamma.inverseCumulativeProbability(draws.uniform(c));
                upTo[c] = total;
              }
              int[] order = draws.with(0).permutation(records.size());
              int client = 0;
              for (int i = 0; i < order.length; i++) {
                while (client < clients - 1 && (i + 0.5) / order.length * total > upTo[client]) {
                  client++;
                }
                shares.get(client).add(records.get(order[i]));
              }
            });
    shares.forEach(share -> share.sort(null));
    return shares;
  }

  /**
   * Label skew by client, equal sizes: every client draws its own label shares from
   * Dirichlet(alpha·K·p), p the shares of the K labels in the pool, and then records without
   * replacement; a label that has run out is drawn no more (arXiv 1909.06335, whose concentration
   * is K times ours).
   */
  public static Partition dirichletByClient(
      List<Integer> labels, int clients, double alpha, RandomKey root) {
    Partition.requireEnough(labels.size(), clients, 1);
    Labels pool = Labels.of(labels);
    RandomKey key = root.with(Purpose.PARTITION);
    List<Permutation> orders = new ArrayList<>();
    for (int k = 0; k < pool.classes(); k++) {
      orders.add(Permutation.of(key.with(-2).with(k), pool.count(k)));
    }
    int[] taken = new int[pool.classes()];
    int each = labels.size() / clients;
    List<List<Integer>> shares = empty(clients);
    for (int c = 0; c < clients; c++) {
      Draws draws = key.with(c).draws();
      double[] weights = Draw.dirichlet(draws, pool.concentrations(alpha));
      for (int i = 0; i < each; i++) {
        for (int k = 0; k < weights.length; k++) {
          weights[k] = taken[k] < pool.count(k) ? weights[k] : 0;
        }
        int k = Draw.weighted(draws, weights);
        shares.get(c).add(pool.record(k, orders.get(k).at(taken[k]++)));
      }
    }
    shares.forEach(share -> share.sort(null));
    return new DealtPartition(shares);
  }

  /**
   * Size skew: sizes in proportion to log-normal draws of deviation {@code sigma}, at least {@code
   * minExamples}, together the whole pool; labels as in the pool.
   */
  public static Partition quantitySkew(
      int records, int clients, double sigma, int minExamples, RandomKey root) {
    Partition.requireEnough(records, clients, minExamples);
    RandomKey key = root.with(Purpose.PARTITION);
    double[] upTo = new double[clients];
    double total = 0;
    for (int c = 0; c < clients; c++) {
      total += Math.exp(sigma * Draw.gaussian(key.with(c).draws()));
      upTo[c] = total;
    }
    long spare = records - (long) clients * minExamples;
    Permutation order = Permutation.of(key, records);
    List<List<Integer>> shares = new ArrayList<>();
    int start = 0;
    for (int c = 0; c < clients; c++) {
      int end = (int) ((c + 1L) * minExamples + Math.round(spare * (upTo[c] / total)));
      int from = start;
      shares.add(Partition.sorted(end - start, i -> order.at(from + i)));
      start = end;
    }
    return new DealtPartition(shares);
  }

  /**
   * {@code classesPerClient} shards a client of a pool sorted by label (McMahan et al., arXiv
   * 1602.05629): most clients see that many labels. Computed from the sorted pool.
   */
  public static Partition pathological(
      List<Integer> labels, int clients, int classesPerClient, RandomKey root) {
    Partition.requireEnough(labels.size(), clients, classesPerClient);
    RandomKey key = root.with(Purpose.PARTITION);
    Permutation shuffled = Permutation.of(key, labels.size());
    int[] sorted =
        java.util.stream.IntStream.range(0, labels.size())
            .map(shuffled::at)
            .boxed()
            .sorted(java.util.Comparator.comparing(labels::get)) // stable: shuffled within a label
            .mapToInt(Integer::intValue)
            .toArray();
    return Shards.of(sorted, clients, classesPerClient, key.with(-3));
  }

  /**
   * Natural clients in order of first appearance; those with fewer than {@code minExamples} records
   * are left out.
   */
  public static Partition natural(List<String> names, int minExamples) {
    Map<String, List<Integer>> byName = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      byName.computeIfAbsent(names.get(i), n -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> kept =
        byName.values().stream().filter(r -> r.size() >= minExamples).toList();
    if (kept.isEmpty()) {
      throw new IllegalArgumentException(
          "clients.min-examples = " + minExamples + " leaves no client of " + byName.size());
    }
    return new DealtPartition(kept);
  }

  private static List<List<Integer>> empty(int clients) {
    List<List<Integer>> shares = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      shares.add(new ArrayList<>());
    }
    return shares;
  }
}
