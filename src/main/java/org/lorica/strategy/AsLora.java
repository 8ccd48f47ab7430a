package org.lorica.strategy;

import java.util.List;
import org.lorica.federation.Cohort;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.federation.Strategy;
import org.lorica.federation.StrategyState;
import org.lorica.lora.ActiveTensors;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.sketch.SlotMean;

/**
 * AS-LoRA (arXiv 2605.05769): one factor of every layer a round, chosen by running scores; the
 * server averages each layer's active factor, which is exact because the other is common to all.
 *
 * <p>Differs from the authors' code: scores come from noised quantities only, and none of them
 * reads private losses unless the curvature is {@code private-unsafe} (docs/deviations.md).
 * Controls without a score are policies of the same class.
 */
public record AsLora(Layers.Granularity granularity, ModeSelection selection, FactorScore score)
    implements Strategy {

  @Override
  public String name() {
    return "aslora";
  }

  @Override
  public Reads reads() {
    if (readsPrivateLosses()) {
      return Reads.PRIVATE_LOSSES;
    }
    return selection.policy().scores() && score.source() == FactorScore.Source.GRADIENT
        ? Reads.STEP_GRADIENTS
        : Reads.MEAN;
  }

  private boolean readsPrivateLosses() {
    return selection.policy().scores() && score.curvature() == FactorScore.Curvature.PRIVATE_UNSAFE;
  }

  @Override
  public LocalPlan localPlan(RoundContext round) {
    FactorScore.Active active = active(round);
    PerModulePlan plan = PerModulePlan.of(round.global().layout(), active.layers(), active.modes());
    return readsPrivateLosses() ? plan.measuring(active.groups()) : plan;
  }

  @Override
  public AdapterSet aggregate(RoundContext round, Cohort cohort) {
    LocalPlan plan = localPlan(round);
    ActiveTensors sent = ActiveTensors.of(round.global().layout(), slot -> plan.trains(slot, 1));
    return round.global().withTensors(sent.slots(), cohort.weightedSum(new SlotMean(sent)));
  }

  @Override
  public StrategyState remember(RoundContext round, AdapterSet next, Cohort cohort) {
    if (!selection.policy().scores()) {
      return round.state();
    }
    FactorScore.Active active = active(round);
    return LayerScores.of(round.state(), active.layers().count())
        .updated(active.modes(), score.of(round, next, cohort, active))
        .in(round.state());
  }

  /** A function of the context: asked again, it answers the same. */
  private FactorScore.Active active(RoundContext round) {
    Layers layers = Layers.of(round.global().layout(), granularity);
    List<Role> modes = selection.modes(round, LayerScores.of(round.state(), layers.count()));
    return new FactorScore.Active(layers, modes);
  }
}
