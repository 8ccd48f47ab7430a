package org.lorica.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.federation.LocalPlan;
import org.lorica.federation.RoundContext;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.random.RandomKey;
import org.lorica.testing.RandomClients;

class RoLoraTest {

  @ParameterizedTest(name = "round {0} trains {1}")
  @CsvSource({"0, B", "1, A", "2, B", "7, A"})
  void factorsAlternateByTheGlobalRoundAndTheOtherOneKeepsItsBits(int number, Role trained) {
    AdapterSet start = RandomClients.start(1, 4);
    RoundContext round = new RoundContext(number, RandomKey.root(1), start);
    LocalPlan plan = new RoLora().localPlan(round);
    RandomClients clients = RandomClients.drifted(start, plan, 5, 3, 1);
    AdapterSet next = new RoLora().aggregate(round, clients.cohort());
    for (TensorSlot slot : start.layout().slots()) {
      boolean moves = slot.role() == trained || slot.role() == Role.HEAD;
      assertThat(plan.trains(slot, 1)).isEqualTo(moves);
      assertThat(plan.trains(slot, 4)).isEqualTo(moves);
      if (moves) {
        assertThat(RandomClients.relativeError(next.tensor(slot), clients.mean(slot)))
            .isLessThan(1e-7);
      } else {
        assertThat(next.tensor(slot).toArray()).isEqualTo(start.tensor(slot).toArray());
      }
    }
  }
}
