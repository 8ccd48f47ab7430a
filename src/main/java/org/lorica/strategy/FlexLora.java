package org.lorica.strategy;

import java.util.List;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.random.Purpose;
import org.lorica.sketch.FactorMean;
import org.lorica.sketch.Rebuild;

/**
 * FlexLoRA (arXiv 2402.11505): clients train A and B and send both; the server takes the best
 * rank-r factors of ΔW = Σ wₖBₖAₖ, singular values shared by their roots.
 *
 * <p>Differs from the paper: all clients have the same rank; ΔW is not formed but held as an exact
 * low-rank pair; dead directions are re-seeded (docs/deviations.md).
 */
public record FlexLora() implements Strategy {

  @Override
  public String name() {
    return "flexlora";
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
    Set<Role> head = Set.of(Role.HEAD);
    AdapterSet next = round.global().withFactors(rebuilt(round, cohort));
    return next.layout().head().isEmpty()
        ? next
        : next.withTensors(head, cohort.weightedSum(new FactorMean(head)));
  }

  /** The new factors of every module, before they are rounded to float. */
  static List<LoraFactors> rebuilt(RoundContext round, Cohort cohort) {
    List<ProductSketch> sums = ProductSketch.exact(round, cohort, ProductSketch.Traffic.FACTORS_UP);
    return ProductSketch.each(
        sums,
        m ->
            Rebuild.factors(
                sums.get(m).q(),
                sums.get(m).core(),
                round.global().layout().rank(m),
                Rebuild.Split.BALANCED,
                round.key(Purpose.RESEED, m)));
  }
}
