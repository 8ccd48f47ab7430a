package org.lorica.strategy;

import java.util.List;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;

/**
 * FedEx-LoRA (arXiv 2410.09432): clients train A and B, the server averages each and folds what the
 * averages miss, Σ wₖBₖAₖ − B̄Ā, into the frozen weights. Exact.
 *
 * <p>The residual is held and sent as low-rank factors, never as an out × in matrix unless its rank
 * fills it.
 */
public record FedEx() implements Strategy {
  private static final Set<Role> ALL = Set.of(Role.B, Role.A, Role.HEAD);

  @Override
  public String name() {
    return "fedex";
  }

  @Override
  public Reads reads() {
    return Reads.MESSAGES;
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(Role.B, Role.A));
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    AdapterSet next = round.global().withTensors(ALL, cohort.weightedSum(new FactorMean(ALL)));
    List<LoraFactors> sum =
        ProductSketch.exact(round, cohort, ProductSketch.Traffic.SUM_DOWN).stream()
            .map(ProductSketch::factors)
            .toList();
    // the means as they are kept, in float: their rounding goes into the residual too
    List<LoraFactors> kept =
        next.factors().stream().map(f -> new LoraFactors(f.b().scaled(-1), f.a())).toList();
    BaseUpdate residual = BaseUpdate.NONE.plus(sum).plus(kept);
    return next.withBase(round.global().base().plus(residual.factors()));
  }
}
