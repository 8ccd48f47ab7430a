package org.lorica.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.TrainingStats;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRank;
import org.lorica.lora.TensorSlot;
import org.lorica.random.Purpose;
import org.lorica.random.RandomKey;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.FixedPointSum;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/** Cohorts of random adapters and the dense sums that sketches must reproduce. */
public final class RandomClients {
  private final AdapterLayout layout;
  private final List<AdapterSet> adapters = new ArrayList<>();

  private RandomClients(AdapterLayout layout) {
    this.layout = layout;
  }

  /** Clients with random B, and random A of their own or in common. */
  public static RandomClients of(long seed, int clients, int rank, Share share) {
    return of(seed, clients, List.of(rank, rank), share);
  }

  /** The same with a rank for each of the two modules. */
  public static RandomClients of(long seed, int clients, List<Integer> ranks, Share share) {
    AdapterLayout layout =
        new AdapterLayout(
            List.of(
                new LoraModule("layer.0.query", 40, 32), new LoraModule("layer.0.dense", 24, 48)),
            List.of(new LoraModule("head.weight", 3, 5)),
            ranks.stream().map(r -> new LoraRank(r, 1.0)).toList());
    RandomClients made = new RandomClients(layout);
    RandomKey key = RandomKey.root(seed).with(Purpose.CANARY);
    for (int c = 0; c < clients; c++) {
      List<LoraFactors> factors = new ArrayList<>();
      for (int m = 0; m < layout.modules().size(); m++) {
        LoraModule module = layout.modules().get(m);
        RandomKey aKey = key.with(share == Share.COMMON_A ? 0 : c).with(2L * m);
        factors.add(
            new LoraFactors(
                gaussian(key.with(c).with(2L * m + 1), module.out(), ranks.get(m)),
                gaussian(aKey, ranks.get(m), module.in())));
      }
      made.adapters.add(AdapterSet.of(layout, new float[layout.size()]).withFactors(factors));
    }
    return made;
  }

  /**
   * Clients that started from {@code start} and moved the tensors that {@code plan} trains in any
   * of {@code steps} local steps, each in its own direction.
   */
  public static RandomClients drifted(
      AdapterSet start, LocalPlan plan, int steps, int clients, long seed) {
    RandomClients made = new RandomClients(start.layout());
    RandomKey key = RandomKey.root(seed).with(Purpose.CANARY);
    for (int c = 0; c < clients; c++) {
      float[] values = start.toArray();
      for (TensorSlot slot : start.layout().slots()) {
        if (IntStream.rangeClosed(1, steps).anyMatch(step -> plan.trains(slot, step))) {
          for (int i = slot.offset(); i < slot.end(); i++) {
            values[i] += (float) key.with(c).gaussian(i);
          }
        }
      }
      made.adapters.add(AdapterSet.of(start.layout(), values));
    }
    return made;
  }

  /** These clients moved back by a share of their way from {@code start}. */
  public RandomClients towards(AdapterSet start, double share) {
    RandomClients made = new RandomClients(layout);
    float[] from = start.toArray();
    for (AdapterSet adapter : adapters) {
      float[] values = adapter.toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (share * (from[i] - values[i]));
      }
      made.adapters.add(AdapterSet.of(layout, values));
    }
    return made;
  }

  /** An adapter of this class's shapes, all factors random. */
  public static AdapterSet start(long seed, int rank) {
    return of(seed, 1, rank, Share.OWN_A).first();
  }

  /** The same with a rank for each of the two modules. */
  public static AdapterSet start(long seed, List<Integer> ranks) {
    return of(seed, 1, ranks, Share.OWN_A).first();
  }

  /** Whether clients have trained A. */
  public enum Share {
    COMMON_A,
    OWN_A
  }

  private static Matrix gaussian(RandomKey key, int rows, int cols) {
    double[] values = new double[rows * cols];
    key.addGaussiansInPlace(1, values);
    return Matrix.of(rows, cols, values);
  }

  public AdapterSet first() {
    return adapters.get(0);
  }

  /** Σ w·B·A of one module, formed in full. */
  public Matrix dense(int module) {
    LoraModule shape = layout.modules().get(module);
    Matrix sum = Matrix.zeros(shape.out(), shape.in());
    for (AdapterSet adapter : adapters) {
      sum = sum.plus(adapter.factors().get(module).product().scaled(1.0 / adapters.size()));
    }
    return sum;
  }

  /** Mean of one tensor over the clients. */
  public Matrix mean(TensorSlot slot) {
    Matrix sum = Matrix.zeros(slot.rows(), slot.cols());
    for (AdapterSet adapter : adapters) {
      sum = sum.plus(adapter.tensor(slot).scaled(1.0 / adapters.size()));
    }
    return sum;
  }

  public Cohort cohort() {
    return cohortOf(adapters);
  }

  /** A cohort of given adapters with equal weights, which tell nothing of their gradients. */
  public static Cohort cohortOf(List<AdapterSet> adapters) {
    return cohortOfTrained(adapters.stream().map(a -> new TrainedClient(a, List.of())).toList());
  }

  /** A cohort of given clients with equal weights. */
  public static Cohort cohortOfTrained(List<TrainedClient> clients) {
    return new Cohort() {
      @Override
      public List<Matrix> weightedSum(ClientMessage message) {
        FixedPointSum sum = new FixedPointSum();
        clients.forEach(c -> sum.addInPlace(message.from(c), 1.0 / clients.size()));
        return sum.toMatrices();
      }

      @Override
      public TrainingStats stats() {
        return new TrainingStats(clients.size(), 0, 0, 0, 0);
      }

      @Override
      public void close() {}
    };
  }

  /** ‖actual − expected‖ / ‖expected‖ in the Frobenius norm. */
  public static double relativeError(Matrix actual, Matrix expected) {
    return actual.minus(expected).norm() / expected.norm();
  }
}
