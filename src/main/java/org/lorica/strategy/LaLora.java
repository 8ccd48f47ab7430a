package org.lorica.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.lorica.federation.Cohort;
import org.lorica.federation.GradientTransform;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.sketch.FactorMean;

/**
 * LA-LoRA (arXiv 2602.19926): clients alternate the factor they train by local steps, B first; the
 * server averages both. Every step is one noised release, so alternation does not change ε. Biased
 * like factor averaging, because both factors have moved by the end of the round.
 *
 * <p>Differs from the paper's released code, which clips batch means at a norm taken from the data:
 * here every example is clipped (docs/deviations.md).
 *
 * @param period steps on one factor before the other's turn, 1 to {@code localSteps}; at {@code
 *     localSteps} the factors alternate by rounds, as RoLoRA's do
 * @param localSteps τ
 * @param damping λ of the preconditioner; empty without one
 */
public record LaLora(int period, int localSteps, Filter filter, OptionalDouble damping)
    implements Strategy {
  private static final Set<Role> ALL = Set.of(Role.B, Role.A, Role.HEAD);

  /** What the noised gradients pass through. */
  public enum Filter {
    NONE,
    BINOMIAL5
  }

  public LaLora {
    if (period < 1 || period > localSteps) {
      throw new IllegalArgumentException(
          "strategy.period must be 1 to federation.local-steps = "
              + localSteps
              + ", got "
              + period);
    }
  }

  @Override
  public String name() {
    return "lalora";
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    boolean byRounds = period == localSteps;
    Role first = byRounds && round.round() % 2 == 1 ? Role.A : Role.B;
    List<GradientTransform> transforms = new ArrayList<>();
    if (filter == Filter.BINOMIAL5) {
      transforms.add(new LowPassFilter());
    }
    damping.ifPresent(lambda -> transforms.add(new Preconditioner(lambda)));
    return new AlternatingPlan(first, period, transforms);
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    return round.global().withTensors(ALL, cohort.weightedSum(new FactorMean(ALL)));
  }
}
