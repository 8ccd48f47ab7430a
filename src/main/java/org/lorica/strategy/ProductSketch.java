package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.random.Purpose;
import org.lorica.sketch.CoreSketch;
import org.lorica.sketch.OfSentFactors;
import org.lorica.sketch.RangeSketch;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * One module's summed product ΔW = Σ wₖBₖAₖ (out × in) as Q·core, by a two-stage randomized SVD
 * that never forms ΔW (arXiv 0909.4061; FedASK, arXiv 2507.09990).
 *
 * @param q out × l, orthonormal columns
 * @param core Qᵀ·ΔW, l × in
 */
record ProductSketch(Matrix q, Matrix core) {

  /**
   * Sketches of every module, in two exchanges and two more for every power iteration.
   *
   * @param columns l of every module, cut to its smaller side
   */
  static List<ProductSketch> of(
      RoundContext round, Cohort cohort, List<Integer> columns, int powerIterations) {
    List<Matrix> q = // spans ΔW·Ω, out × l
        bases(cohort.weightedSum(range(round, columns)));
    for (int i = 0; i < powerIterations; i++) {
      List<Matrix> p = bases(cohort.weightedSum(new CoreSketch(q))); // spans ΔWᵀ·Q, in × l
      q = bases(cohort.weightedSum(new RangeSketch(p, RangeSketch.Origin.SENT)));
    }
    return pairs(q, cohort.weightedSum(new CoreSketch(q)));
  }

  /** What an exact sum moves in a real deployment, where the server computes it of all factors. */
  enum Traffic {
    /** The clients send their factors for it. */
    FACTORS_UP,
    /** The server has the factors and sends the sum, as a low-rank pair, to every client. */
    SUM_DOWN,
    /** The clients send their factors; the sum goes down in place of the round's adapter. */
    SUM_FOR_ADAPTER
  }

  /**
   * Sketches as wide as the sum's rank can be, terms·rank, so that Q·core is ΔW itself up to
   * rounding.
   */
  static List<ProductSketch> exact(RoundContext round, Cohort cohort, Traffic traffic) {
    AdapterLayout layout = round.global().layout();
    long factors =
        IntStream.range(0, layout.modules().size()).mapToLong(layout::factorValues).sum();
    RangeSketch range = range(round, each(layout.modules(), m -> cohort.terms() * layout.rank(m)));
    long up = traffic == Traffic.SUM_DOWN ? 0 : factors;
    List<Matrix> q = bases(cohort.weightedSum(new OfSentFactors(range, up, 0)));
    long sum = 0;
    for (int m = 0; m < q.size(); m++) {
      sum += (long) q.get(m).cols() * (q.get(m).rows() + layout.modules().get(m).in());
    }
    long down =
        switch (traffic) {
          case FACTORS_UP -> 0;
          case SUM_DOWN -> sum;
          case SUM_FOR_ADAPTER -> sum - factors; // the adapter is counted in any case
        };
    return pairs(q, cohort.weightedSum(new OfSentFactors(new CoreSketch(q), 0, down)));
  }

  /** The pair as factors of rank l: ΔW = Q·core. */
  LoraFactors factors() {
    return new LoraFactors(q, core);
  }

  private static RangeSketch range(RoundContext round, List<Integer> columns) {
    List<LoraModule> modules = round.global().layout().modules();
    List<Matrix> omega = // Ω, in × l
        each(
            modules,
            m -> {
              LoraModule module = modules.get(m);
              int width = Math.min(columns.get(m), Math.min(module.in(), module.out()));
              return round.gaussian(Purpose.RANGE_SKETCH, m, module.in(), width);
            });
    return new RangeSketch(omega, RangeSketch.Origin.SHARED_SEED);
  }

  /** The second stage sums (QᵀΔW)ᵀ, in × l. */
  private static List<ProductSketch> pairs(List<Matrix> q, List<Matrix> transposedCores) {
    return each(q, m -> new ProductSketch(q.get(m), transposedCores.get(m).transpose()));
  }

  private static List<Matrix> bases(List<Matrix> sums) {
    return each(sums, m -> LinearAlgebra.qr(sums.get(m)).q());
  }

  /** One result for every index of a list. */
  static <T> List<T> each(List<?> over, IntFunction<T> make) {
    List<T> all = new ArrayList<>();
    for (int m = 0; m < over.size(); m++) {
      all.add(make.apply(m));
    }
    return all;
  }
}
