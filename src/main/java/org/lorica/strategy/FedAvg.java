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
 * Factor averaging: clients train A and B together, the server averages each (FedIT, arXiv
 * 2305.05644; with noise, DP-LoRA, arXiv 2312.17493). Biased: mean(B)·mean(A) is not mean(BA).
 */
public record FedAvg() implements Strategy {
  private static final Set<Role> ALL = Set.of(Role.B, Role.A, Role.HEAD);

  @Override
  public String name() {
    return "fedavg";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(Role.B, Role.A));
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    return round.global().withTensors(ALL, cohort.weightedSum(new FactorMean(ALL)));
  }
}
