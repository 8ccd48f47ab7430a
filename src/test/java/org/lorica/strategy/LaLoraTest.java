package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;
import org.lorica.strategy.LaLora.Filter;
import org.lorica.testing.RandomClients;

class LaLoraTest {

  private static LaLora strategy(int period, int steps) {
    return new LaLora(period, steps, Filter.NONE, OptionalDouble.empty());
  }

  private static LocalPlan plan(LaLora strategy, int round) {
    return strategy.localPlan(
        new RoundContext(round, RandomKey.root(1), RandomClients.start(1, 2)));
  }

  /** The factor of every step, as letters. */
  private static String letters(LocalPlan plan, int steps) {
    List<TensorSlot> slots = RandomClients.start(1, 2).layout().slots();
    StringBuilder letters = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      Set<Role> trained = new HashSet<>();
      for (TensorSlot slot : slots) {
        if (plan.trains(slot, step)) {
          trained.add(slot.role());
        }
      }
      assertThat(trained).hasSize(2).contains(Role.HEAD);
      letters.append(trained.contains(Role.B) ? 'B' : 'A');
    }
    return letters.toString();
  }

  @ParameterizedTest(name = "period {0} of {1} steps, round {2}: {3}")
  @CsvSource({
    "1, 5, 0, BABAB",
    "1, 5, 1, BABAB",
    "2, 5, 3, BBAAB",
    "3, 4, 1, BBBA",
    "4, 4, 0, BBBB",
    "4, 4, 1, AAAA",
    "4, 4, 2, BBBB",
    "1, 1, 1, A",
  })
  void oddStepsTrainBUnlessThePeriodSaysOtherwise(
      int period, int steps, int round, String expected) {
    assertThat(letters(plan(strategy(period, steps), round), steps)).isEqualTo(expected);
  }

  @Test
  void filterAndPreconditionerAreOffByDefaultAndTellPlansApart() {
    LaLora plain = strategy(1, 4);
    LaLora filtered = new LaLora(1, 4, Filter.BINOMIAL5, OptionalDouble.empty());
    LaLora both = new LaLora(1, 4, Filter.BINOMIAL5, OptionalDouble.of(0.1));
    assertThat(plan(plain, 0).transforms()).isEmpty();
    assertThat(plan(filtered, 0).transforms()).containsExactly(new LowPassFilter());
    assertThat(plan(both, 0).transforms())
        .containsExactly(new LowPassFilter(), new Preconditioner(0.1));
    assertThat(
            Set.of(
                plan(plain, 0).digest(),
                plan(strategy(2, 4), 0).digest(),
                plan(filtered, 0).digest(),
                plan(both, 0).digest(),
                plan(strategy(4, 4), 0).digest(),
                plan(strategy(4, 4), 1).digest(),
                LocalPlan.always(Set.of(Role.B)).digest()))
        .hasSize(7);
  }

  @Test
  void aPeriodBeyondTheRoundIsRefused() {
    assertThatThrownBy(() -> strategy(6, 5))
        .hasMessage("strategy.period must be 1 to federation.local-steps = 5, got 6");
    assertThatThrownBy(() -> strategy(0, 5)).hasMessageContaining("got 0");
  }
}
