package org.lorica.strategy;

import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;

/**
 * FFA-LoRA (arXiv 2403.12313): A stays as it started, clients train B, whose average is exact
 * because A is common to all.
 */
public record FfaLora() implements Strategy {
  private static final Set<Role> TRAINED = Set.of(Role.B, Role.HEAD);

  @Override
  public String name() {
    return "ffa";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(Role.B));
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    return round.global().withTensors(TRAINED, cohort.weightedSum(new FactorMean(TRAINED)));
  }
}
