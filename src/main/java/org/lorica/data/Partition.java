package org.lorica.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/** Which client holds which records: disjoint lists of record indices. */
public final class Partition {
  private static final int TRIES = 100;

  private final List<List<Integer>> clients;

  private Partition(List<List<Integer>> clients) {
    this.clients = clients.stream().map(List::copyOf).toList();
  }

  public int clients() {
    return clients.size();
  }

  /** Indices of a client's records, ascending. */
  public List<Integer> of(int client) {
    return clients.get(client);
  }

  /** Equal shares of a shuffled list. */
  public static Partition iid(int records, int clients, RandomKey root) {
    requireEnough(records, clients, 1);
    int[] order = root.with(Purpose.PARTITION).permutation(records);
    List<List<Integer>> shares = empty(clients);
    for (int i = 0; i < records; i++) {
      shares.get(i % clients).add(order[i]);
    }
    shares.forEach(share -> share.sort(null));
    return new Partition(shares);
  }

  /**
   * Label skew: every class is dealt out by its own Dirichlet(alpha) draw (arXiv 1909.06335's
   * setting). Draws are repeated until every client has {@code minExamples}.
   */
  public static Partition dirichlet(
      List<Integer> labels, int clients, double alpha, int minExamples, RandomKey root) {
    requireEnough(labels.size(), clients, minExamples);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      List<List<Integer>> shares =
          deal(labels, clients, alpha, root.with(Purpose.PARTITION).with(attempt));
      if (shares.stream().allMatch(share -> share.size() >= minExamples)) {
        return new Partition(shares);
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
    Map<Integer, List<Integer>> byLabel = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      byLabel.computeIfAbsent(labels.get(i), l -> new ArrayList<>()).add(i);
    }
    GammaDistribution gamma = new GammaDistribution(null, alpha, 1);
    List<List<Integer>> shares = empty(clients);
    byLabel.forEach(
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
    return new Partition(kept);
  }

  /**
   * The first {@code clients} clients, each with at most {@code maxExamples} records; 0 means no
   * limit.
   */
  public Partition limited(int clients, int maxExamples) {
    int count = clients == 0 ? clients() : clients;
    if (count > clients()) {
      throw new IllegalArgumentException(
          "clients.count must be <= "
              + clients()
              + ", the natural clients there are, got "
              + count);
    }
    return new Partition(
        this.clients.subList(0, count).stream()
            .map(r -> maxExamples == 0 || r.size() <= maxExamples ? r : r.subList(0, maxExamples))
            .toList());
  }

  private static List<List<Integer>> empty(int clients) {
    List<List<Integer>> shares = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      shares.add(new ArrayList<>());
    }
    return shares;
  }

  private static void requireEnough(int records, int clients, int each) {
    if (clients <= 0 || (long) clients * each > records) {
      throw new IllegalArgumentException(
          "clients.count must be 1 to "
              + records / Math.max(1, each)
              + " for "
              + records
              + " records with at least "
              + each
              + " each, got "
              + clients);
    }
  }
}
