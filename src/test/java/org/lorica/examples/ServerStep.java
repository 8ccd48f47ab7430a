package org.lorica.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;
import org.lorica.tensor.Matrix;

// docs: strategy
/** Factor averaging with a step size of the server: θ ← θ + γ (mean_k θ_k − θ). */
record ServerStep(double rate) implements Strategy {
  private static final Set<Role> ALL = Set.of(Role.B, Role.A, Role.HEAD);

  ServerStep {
    if (!(rate > 0)) {
      throw new IllegalArgumentException("rate must be > 0, got " + rate);
    }
  }

  @Override
  public String name() {
    return "server-step";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    return LocalPlan.always(Set.of(Role.B, Role.A)); // what clients train, at every local step
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    List<Matrix> mean = cohort.weightedSum(new FactorMean(ALL)); // the only thing clients send
    List<Matrix> before = round.global().tensors(ALL);
    List<Matrix> next = new ArrayList<>();
    for (int t = 0; t < mean.size(); t++) {
      Matrix change = mean.get(t).minus(before.get(t));
      next.add(before.get(t).plus(change.scaled(rate)));
    }
    return round.global().withTensors(ALL, next);
  }
}
// docs: end
