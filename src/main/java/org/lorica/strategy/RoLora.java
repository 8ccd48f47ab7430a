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
 * RoLoRA (arXiv 2409.02346, 2502.01755): one factor a round, B first, alternating by the global
 * round number. The other factor is common to all clients, so the average is exact.
 */
public record RoLora() implements Strategy {

  @Override
  public String name() {
    return "rolora";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(trained(round)));
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    Set<Role> sent = Set.of(trained(round), Role.HEAD);
    return round.global().withTensors(sent, cohort.weightedSum(new FactorMean(sent)));
  }

  private static Role trained(RoundContext round) {
    return round.round() % 2 == 0 ? Role.B : Role.A;
  }
}
