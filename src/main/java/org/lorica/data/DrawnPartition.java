package org.lorica.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lorica.random.Draws;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;

/**
 * Virtual clients that draw their records from a common pool, each by its own key: a client's
 * records are a function of (seed, client) and cost nothing until they are asked for, so that there
 * can be any number of clients. A client holds a record once; several clients may hold the same.
 */
public final class DrawnPartition implements Partition {
  private static final long SIZE = 0;
  private static final long RECORDS = 1;

  private final int clients;
  private final RandomKey key;
  private final Sizes sizes;
  private final Mix mix;

  private DrawnPartition(int clients, RandomKey root, Sizes sizes, Mix mix) {
    this.clients = clients;
    this.key = root.with(Purpose.PARTITION);
    this.sizes = sizes;
    this.mix = mix;
    if (clients <= 0) {
      throw new IllegalArgumentException("clients.count must be > 0, got " + clients);
    }
    if (sizes.most() > mix.most()) {
      throw new IllegalArgumentException(
          "clients.examples must leave no client with more than "
              + mix.most()
              + " examples, which is what it can draw from the pool, got up to "
              + sizes.most()
              + "; set clients.max-examples, or lower clients.examples");
    }
  }

  /**
   * How many records a client draws: log-normal with mean {@code mean} and deviation {@code sigma}
   * of the logarithm, rounded and held to [least, most].
   */
  public record Sizes(double mean, double sigma, int least, int most) {
    public Sizes {
      if (!(mean >= 1 && sigma >= 0 && least >= 1 && most >= least)) {
        throw new IllegalArgumentException(
            "sizes must have mean >= 1, sigma >= 0 and 1 <= least <= most, got "
                + List.of(mean, sigma, least, most));
      }
    }

    /** The same for all. */
    public static Sizes equal(int examples) {
      return new Sizes(examples, 0, examples, examples);
    }

    int draw(RandomKey key) {
      if (least == most) {
        return least;
      }
      double size = mean * Math.exp(sigma * key.gaussian(0) - sigma * sigma / 2);
      return (int) Math.max(least, Math.min(most, Math.round(size)));
    }
  }

  /** Which records a client draws. */
  private interface Mix {
    List<Integer> draw(Draws draws, int size);

    /** Sizes that every client can reach. */
    int most();
  }

  /** Records as they come. */
  public static Partition iid(int records, int clients, Sizes sizes, RandomKey root) {
    Mix any =
        new Mix() {
          @Override
          public List<Integer> draw(Draws draws, int size) {
            return Draw.distinct(draws, records, size);
          }

          @Override
          public int most() {
            return records;
          }
        };
    return new DrawnPartition(clients, root, sizes, any);
  }

  /**
   * Every client draws its own label shares from Dirichlet(alpha·K·p), p the shares of the K labels
   * in the pool (arXiv 1909.06335, whose concentration is K times ours).
   */
  public static Partition dirichlet(
      List<Integer> labels, int clients, double alpha, Sizes sizes, RandomKey root) {
    Labels pool = Labels.of(labels);
    Mix skewed =
        new Mix() {
          @Override
          public List<Integer> draw(Draws draws, int size) {
            return byLabel(draws, size, pool, Draw.dirichlet(draws, pool.concentrations(alpha)));
          }

          @Override
          public int most() {
            return labels.size();
          }
        };
    return new DrawnPartition(clients, root, sizes, skewed);
  }

  /** Every client sees {@code classesPerClient} labels, in equal shares on average. */
  public static Partition pathological(
      List<Integer> labels, int clients, int classesPerClient, Sizes sizes, RandomKey root) {
    Labels pool = Labels.of(labels);
    int classes = Math.min(classesPerClient, pool.classes());
    int[] counts = IntStream.range(0, pool.classes()).map(pool::count).sorted().toArray();
    Mix few =
        new Mix() {
          @Override
          public List<Integer> draw(Draws draws, int size) {
            double[] weights = new double[pool.classes()];
            Draw.distinct(draws, pool.classes(), classes).forEach(k -> weights[k] = 1);
            return byLabel(draws, size, pool, weights);
          }

          @Override
          public int most() {
            return Arrays.stream(counts, 0, classes).sum();
          }
        };
    return new DrawnPartition(clients, root, sizes, few);
  }

  /** Labels by weight, a label that has run out no more; then records of each at random. */
  private static List<Integer> byLabel(Draws draws, int size, Labels pool, double[] weights) {
    int[] counts = new int[weights.length];
    for (int i = 0; i < size; i++) {
      int k = Draw.weighted(draws, weights);
      if (++counts[k] == pool.count(k)) {
        weights[k] = 0;
      }
    }
    List<Integer> records = new ArrayList<>(size);
    for (int k = 0; k < counts.length; k++) {
      for (int position : Draw.distinct(draws, pool.count(k), counts[k])) {
        records.add(pool.record(k, position));
      }
    }
    records.sort(null);
    return records;
  }

  @Override
  public int clients() {
    return clients;
  }

  @Override
  public int size(int client) {
    return sizes.draw(key.with(client).with(SIZE));
  }

  @Override
  public List<Integer> of(int client) {
    return mix.draw(key.with(client).with(RECORDS).draws(), size(client));
  }

  @Override
  public boolean overlapping() {
    return true;
  }

  @Override
  public IntStream sizes() {
    return sizes.least() == sizes.most() ? IntStream.of(sizes.least()) : Partition.super.sizes();
  }

  @Override
  public long records() {
    return sizes.least() == sizes.most()
        ? (long) clients * sizes.least()
        : Partition.super.records();
  }
}
