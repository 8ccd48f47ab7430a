package org.lorica.strategy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;
import org.lorica.tensor.LinearAlgebra;
import org.lorica.tensor.Matrix;

/**
 * How far server-side rules stray from the exact sum S = Σ wₖBₖAₖ, relative to ‖S‖ over all modules
 * together. For diagnostics: S itself is found by a sketch as wide as its rank can be.
 *
 * @param averaging of averaging factors: ‖S − B̄Ā‖
 * @param best of the best rank-r factors: Eckart–Young's bound
 * @param server of what the method really made of the round, truncation and rounding included
 * @param sketch ‖S − QQᵀS‖ of the method's own sketch, before truncation; empty without one
 */
record SumErrors(double averaging, double best, double server, Optional<Double> sketch) {

  /**
   * Measures one round.
   *
   * @param cohort what the strategy was given
   * @param next what it made of it
   * @param sketched width and power iterations of the method's own sketch, where it has one
   */
  static SumErrors of(
      RoundContext round, Cohort cohort, AdapterSet next, Optional<SketchSize> sketched) {
    List<ProductSketch> exact =
        ProductSketch.exact(round, cohort, ProductSketch.Traffic.FACTORS_UP);
    List<Matrix> means = cohort.weightedSum(new FactorMean(Set.of(Role.B, Role.A)));
    Optional<List<ProductSketch>> own =
        sketched.map(s -> ProductSketch.of(round, cohort, s.columns(), s.powerIterations()));
    double[] squares = new double[5];
    for (int m = 0; m < exact.size(); m++) {
      LoraFactors sum = exact.get(m).factors();
      LoraFactors mean = new LoraFactors(means.get(2 * m), means.get(2 * m + 1));
      squares[0] += square(sum.norm());
      squares[1] += square(sum.plus(mean.scaled(-1)).norm());
      squares[2] += tail(exact.get(m).core(), round.global().layout().rank(m));
      squares[3] += square(sum.plus(change(round.global(), next, m).scaled(-1)).norm());
      if (own.isPresent()) {
        Matrix q = own.get().get(m).q();
        LoraFactors kept = new LoraFactors(q, q.transpose().times(sum.b()).times(sum.a()));
        squares[4] += square(sum.plus(kept.scaled(-1)).norm());
      }
    }
    double size = Math.sqrt(squares[0]);
    return new SumErrors(
        relative(squares[1], size),
        relative(squares[2], size),
        relative(squares[3], size),
        own.map(o -> relative(squares[4], size)));
  }

  /**
   * A method's own sketch.
   *
   * @param columns of every module, its rank + oversampling
   */
  record SketchSize(List<Integer> columns, int powerIterations) {
    SketchSize {
      columns = List.copyOf(columns);
    }

    /** Of the methods that have one. */
    static Optional<SketchSize> of(org.lorica.federation.Strategy strategy, AdapterLayout layout) {
      if (strategy instanceof LaAsk laAsk) {
        return of(laAsk.server(), layout);
      }
      return strategy instanceof FedAsk ask && ask.aggregation() == FedAsk.Aggregation.TWO_STAGE
          ? Optional.of(new SketchSize(ask.columns(layout), ask.powerIterations()))
          : Optional.empty();
    }
  }

  /** The new product, and what was folded into the frozen weights in this round. */
  private static LoraFactors change(AdapterSet before, AdapterSet next, int module) {
    LoraFactors change = next.factors().get(module);
    if (!next.base().isEmpty()) {
      change = change.plus(next.base().factors().get(module));
    }
    if (!before.base().isEmpty()) {
      change = change.plus(before.base().factors().get(module).scaled(-1));
    }
    return change;
  }

  private static double tail(Matrix core, int rank) {
    double[] values = LinearAlgebra.svd(core).values().toArray();
    double squares = 0;
    for (int j = rank; j < values.length; j++) {
      squares += values[j] * values[j];
    }
    return squares;
  }

  private static double square(double value) {
    return value * value;
  }

  private static double relative(double squares, double size) {
    return size == 0 ? 0 : Math.sqrt(squares) / size;
  }

  /** Name to number, as reports have it. */
  Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("aggregationBias", averaging);
    named.put("eckartYoungError", best);
    named.put("serverError", server);
    sketch.ifPresent(error -> named.put("sketchErrorBeforeTruncation", error));
    return named;
  }

  /** All errors, for tests. */
  List<Double> all() {
    List<Double> all = new ArrayList<>(List.of(averaging, best, server));
    sketch.ifPresent(all::add);
    return all;
  }
}
