package org.lorica.strategy;

import java.util.List;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterInit;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;

/**
 * FLoRA (arXiv 2409.05976): clients train A and B, the whole sum Σ wₖBₖAₖ is folded into the frozen
 * weights, and the next round starts from a fresh adapter. Exact; what goes down is of rank
 * clients·rank.
 *
 * <p>Differs from the paper: all clients have the same rank and start a round from the same fresh
 * A.
 */
public record Flora() implements Strategy {
  private static final Set<Role> HEAD = Set.of(Role.HEAD);

  @Override
  public String name() {
    return "flora";
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
    List<LoraFactors> sum =
        ProductSketch.exact(round, cohort, ProductSketch.Traffic.SUM_FOR_ADAPTER).stream()
            .map(ProductSketch::factors)
            .toList();
    AdapterLayout layout = round.global().layout();
    int head = layout.head().stream().mapToInt(h -> h.out() * h.in()).sum();
    AdapterSet fresh =
        AdapterInit.fresh(layout, new float[head], round.key().with(round.round() + 1L));
    AdapterSet next = fresh.withBase(round.global().base().plus(sum));
    return head == 0 ? next : next.withTensors(HEAD, cohort.weightedSum(new FactorMean(HEAD)));
  }
}
