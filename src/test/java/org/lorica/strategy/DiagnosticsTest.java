package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lorica.federation.LocalPlan;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;

class DiagnosticsTest {
  private static final AdapterLayout LAYOUT =
      new AdapterLayout(
          List.of(
              new LoraModule("layer.0.query", 4, 4),
              new LoraModule("layer.0.value", 4, 4),
              new LoraModule("layer.1.query", 4, 4)),
          List.of(),
          1,
          1);

  /** A B B A B: A trains in 2 of 5 rounds and waits for at most 2. */
  @Test
  void sharesAndStarvationAreCountedByHand() {
    FactorShares shares = new FactorShares();
    for (Role role : List.of(Role.A, Role.B, Role.B, Role.A, Role.B)) {
      shares.add(LAYOUT, LocalPlan.always(Set.of(role)), 3);
    }
    assertThat(shares.named())
        .containsEntry("shareOfRoundsTrainingA", List.of(0.4, 0.4))
        .containsEntry("shareOfRoundsTrainingB", List.of(0.6, 0.6))
        .containsEntry("longestRoundsWithoutA", 2)
        .containsEntry("longestRoundsWithoutB", 1);
  }

  @Test
  void aFactorCountsAsTrainedIfItIsAtAnyStep() {
    FactorShares alternating = new FactorShares();
    alternating.add(LAYOUT, new AlternatingPlan(Role.B, 1, List.of()), 2);
    assertThat(alternating.named()).containsEntry("longestRoundsWithoutA", 0);
    FactorShares oneStep = new FactorShares();
    oneStep.add(LAYOUT, new AlternatingPlan(Role.B, 1, List.of()), 1);
    assertThat(oneStep.named()).containsEntry("longestRoundsWithoutA", 1);
  }

  @Test
  void layersThatChooseForThemselvesAreToldApart() {
    FactorShares shares = new FactorShares();
    Layers layers = Layers.of(LAYOUT, Layers.Granularity.BLOCK);
    shares.add(LAYOUT, PerModulePlan.of(LAYOUT, layers, List.of(Role.A, Role.B)), 2);
    assertThat(shares.named())
        .containsEntry("shareOfRoundsTrainingA", List.of(1.0, 0.0))
        .containsEntry("shareOfRoundsTrainingB", List.of(0.0, 1.0));
  }
}
