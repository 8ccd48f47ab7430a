package org.lorica.strategy;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.random.Purpose;
import org.lorica.sketch.FactorMean;
import org.lorica.sketch.Rebuild;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * FedASK (arXiv 2507.09990): the sum of products ΔW = Σ wₖBₖAₖ by a two-stage randomized SVD, never
 * forming ΔW.
 *
 * <p>Exact when rank(ΔW) ≤ rank + oversampling and nothing is cut. Privately only B trains, so ΔW
 * has rank ≤ rank and no oversampling is needed. Differs from the paper: dead directions are
 * re-seeded, power iterations are offered (docs/deviations.md).
 *
 * @param clients what they train, and how a private gradient is clipped
 * @param oversampling p: a module's sketches have l = rank + p columns; empty: p = its rank
 * @param powerIterations q: each costs two more exchanges
 */
public record FedAsk(
    Clients clients,
    OptionalInt oversampling,
    int powerIterations,
    Rebuild.Split split,
    Aggregation aggregation)
    implements Strategy {

  /** How the server finds the product. */
  public enum Aggregation {
    /** The paper's range and core stages. */
    TWO_STAGE,
    /** Only B trained: the mean of B and the common A give the same product in one exchange. */
    CORE
  }

  /** What clients train. */
  public enum Clients {
    /** A and B: without privacy. */
    BOTH,
    /** B, clipped and noised as B's own gradient: what the authors' code does. */
    B,
    /** B, clipped and noised as the product's gradient and then multiplied by Aᵀ: the paper. */
    B_BY_PRODUCT
  }

  public FedAsk {
    if (oversampling.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "strategy.oversampling must be >= 0, got " + oversampling.getAsInt());
    }
    if (powerIterations < 0) {
      throw new IllegalArgumentException(
          "strategy.power-iterations must be >= 0, got " + powerIterations);
    }
    if (aggregation == Aggregation.CORE && clients == Clients.BOTH) {
      throw new IllegalArgumentException(
          "strategy.aggregation must be two-stage where A trains (privacy.mode = none), got core");
    }
  }

  /** The same oversampling for every module. */
  public FedAsk(
      Clients clients,
      int oversampling,
      int powerIterations,
      Rebuild.Split split,
      Aggregation aggregation) {
    this(clients, OptionalInt.of(oversampling), powerIterations, split, aggregation);
  }

  @Override
  public String name() {
    return "fedask";
  }

  @Override
  public Reads reads() {
    // with A common to all, the mean product is mean(B)·A
    return clients == Clients.BOTH ? Reads.MESSAGES : Reads.MEAN;
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return switch (clients) {
      case BOTH -> LocalPlan.always(Set.of(Role.B, Role.A));
      case B -> LocalPlan.always(Set.of(Role.B));
      case B_BY_PRODUCT -> LocalPlan.productClipped();
    };
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    AdapterSet next = round.global().withFactors(rebuilt(round, cohort));
    Set<Role> head = Set.of(Role.HEAD);
    return next.layout().head().isEmpty()
        ? next
        : next.withTensors(head, cohort.weightedSum(new FactorMean(head)));
  }

  /** The new factors of every module, before they are rounded to float. */
  List<LoraFactors> rebuilt(RoundContext round, Cohort cohort) {
    return aggregation == Aggregation.CORE ? core(round, cohort) : sketch(round, cohort);
  }

  private List<LoraFactors> sketch(RoundContext round, Cohort cohort) {
    List<ProductSketch> sums =
        ProductSketch.of(round, cohort, columns(round.global().layout()), powerIterations);
    return ProductSketch.each(sums, m -> rebuild(round, m, sums.get(m)));
  }

  /** Columns of every module's sketch. */
  List<Integer> columns(AdapterLayout layout) {
    return ProductSketch.each(
        layout.modules(), m -> layout.rank(m) + oversampling.orElse(layout.rank(m)));
  }

  private List<LoraFactors> core(RoundContext round, Cohort cohort) {
    List<Matrix> meanB = cohort.weightedSum(new FactorMean(Set.of(Role.B)));
    List<LoraFactors> before = round.global().factors();
    return ProductSketch.each(
        before,
        m -> {
          LinearAlgebra.Qr qr = LinearAlgebra.qr(meanB.get(m));
          Matrix core = qr.r().times(before.get(m).a()); // ΔW = Q·(R·A)
          return rebuild(round, m, new ProductSketch(qr.q(), core));
        });
  }

  private LoraFactors rebuild(RoundContext round, int module, ProductSketch sum) {
    int rank = round.global().layout().rank(module);
    return Rebuild.factors(sum.q(), sum.core(), rank, split, round.key(Purpose.RESEED, module));
  }
}
