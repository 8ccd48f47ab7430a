package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.random.RandomKey;

class RoundRobinCohortsTest {

  @ParameterizedTest
  @CsvSource({"10, 3, 7", "10, 10, 4", "7, 5, 20", "100, 1, 30", "5, 4, 13"})
  void noClientTakesPartMoreOftenThanTheCapNorTwiceInARound(int clients, int perRound, int rounds) {
    CohortSchedule schedule = new RoundRobinCohorts(clients, perRound, RandomKey.root(5));
    int[] participations = new int[clients];
    for (int r = 0; r < rounds; r++) {
      List<Integer> cohort = schedule.next();
      assertThat(cohort).hasSize(perRound).doesNotHaveDuplicates().isSorted();
      cohort.forEach(c -> participations[c]++);
    }
    for (int n : participations) {
      assertThat(n).isBetween(rounds * perRound / clients, schedule.participationCap(rounds));
    }
  }

  @Test
  void moreClientsARoundThanThereAreIsRefusedWithTheKey() {
    assertThatThrownBy(() -> new RoundRobinCohorts(4, 5, RandomKey.root(1)))
        .hasMessage("federation.clients-per-round must be 1 to 4, the number of clients, got 5");
  }
}
