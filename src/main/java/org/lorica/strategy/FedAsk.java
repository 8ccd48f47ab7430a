package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.random.Purpose;
import org.lorica.sketch.CoreSketch;
import org.lorica.sketch.FactorMean;
import org.lorica.sketch.RangeSketch;
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
 * @param trains B for private training, A and B without privacy
 * @param oversampling p: sketches have l = rank + p columns
 * @param powerIterations q: each costs two more exchanges
 */
public record FedAsk(
    Set<Role> trains,
    int oversampling,
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

  public FedAsk {
    trains = Set.copyOf(trains);
    if (oversampling < 0) {
      throw new IllegalArgumentException("strategy.oversampling must be >= 0, got " + oversampling);
    }
    if (powerIterations < 0) {
      throw new IllegalArgumentException(
          "strategy.power-iterations must be >= 0, got " + powerIterations);
    }
    if (aggregation == Aggregation.CORE && trains.contains(Role.A)) {
      throw new IllegalArgumentException(
          "strategy.aggregation must be two-stage where A trains (privacy.mode = none), got core");
    }
  }

  @Override
  public String name() {
    return "fedask";
  }

  @Override
  public boolean needsOnlyTheMean() {
    return !trains.contains(Role.A); // with A common to all, the mean product is mean(B)·A
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(trains);
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
    List<LoraModule> modules = round.global().layout().modules();
    int rank = round.global().layout().rank();
    List<Matrix> omega = // Ω, in × l
        each(
            modules,
            m -> {
              LoraModule module = modules.get(m);
              int width = Math.min(rank + oversampling, Math.min(module.in(), module.out()));
              return round.gaussian(Purpose.RANGE_SKETCH, m, module.in(), width);
            });
    List<Matrix> q = // spans ΔW·Ω, out × l
        bases(cohort.weightedSum(new RangeSketch(omega, RangeSketch.Origin.SHARED_SEED)));
    for (int i = 0; i < powerIterations; i++) {
      List<Matrix> p = bases(cohort.weightedSum(new CoreSketch(q))); // spans ΔWᵀ·Q, in × l
      q = bases(cohort.weightedSum(new RangeSketch(p, RangeSketch.Origin.SENT)));
    }
    List<Matrix> basis = q;
    List<Matrix> core = cohort.weightedSum(new CoreSketch(basis)); // (QᵀΔW)ᵀ, in × l
    return each(modules, m -> rebuild(round, m, basis.get(m), core.get(m).transpose()));
  }

  private List<LoraFactors> core(RoundContext round, Cohort cohort) {
    List<Matrix> meanB = cohort.weightedSum(new FactorMean(Set.of(Role.B)));
    List<LoraFactors> before = round.global().factors();
    return each(
        before,
        m -> {
          LinearAlgebra.Qr qr = LinearAlgebra.qr(meanB.get(m));
          return rebuild(round, m, qr.q(), qr.r().times(before.get(m).a())); // ΔW = Q·(R·A)
        });
  }

  private LoraFactors rebuild(RoundContext round, int module, Matrix q, Matrix core) {
    int rank = round.global().layout().rank();
    return Rebuild.factors(q, core, rank, split, round.key(Purpose.RESEED, module));
  }

  private static List<Matrix> bases(List<Matrix> sums) {
    return each(sums, m -> LinearAlgebra.qr(sums.get(m)).q());
  }

  private static <T> List<T> each(List<?> over, IntFunction<T> make) {
    List<T> all = new ArrayList<>();
    for (int m = 0; m < over.size(); m++) {
      all.add(make.apply(m));
    }
    return all;
  }
}
