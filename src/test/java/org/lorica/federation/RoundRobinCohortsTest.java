package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.random.DrawKey;
import org.lorica.random.Permutation;
import org.lorica.random.RandomKey;

class RoundRobinCohortsTest {
  private static final DrawKey KEY = RandomKey.root(5);

  @ParameterizedTest
  @CsvSource({"10, 3, 7", "10, 10, 4", "7, 5, 20", "100, 1, 30", "5, 4, 13", "70000, 40000, 5"})
  void noClientTakesPartMoreOftenThanTheCapNorTwiceInARound(int clients, int perRound, int rounds) {
    CohortSchedule schedule = new RoundRobinCohorts(clients, perRound, KEY);
    int[] participations = new int[clients];
    for (int r = 0; r < rounds; r++) {
      List<Integer> cohort = schedule.next();
      assertThat(cohort).hasSize(perRound).isSorted();
      assertThat(cohort.stream().distinct().count()).isEqualTo(perRound);
      cohort.forEach(c -> participations[c]++);
    }
    for (int n : participations) {
      assertThat(n).isBetween(rounds * perRound / clients, schedule.participationCap(rounds));
    }
  }

  /** The plain twin keeps every client of a pass in a queue. */
  @ParameterizedTest
  @CsvSource({"10, 3, 17", "7, 5, 40", "9, 9, 4", "66000, 25000, 7"})
  void theQueueOfAllClientsGivesTheSameCohorts(int clients, int perRound, int rounds) {
    CohortSchedule schedule = new RoundRobinCohorts(clients, perRound, KEY);
    Deque<Integer> queue = new ArrayDeque<>();
    int passes = 0;
    for (int r = 0; r < rounds; r++) {
      TreeSet<Integer> cohort = new TreeSet<>();
      List<Integer> passedOver = new ArrayList<>();
      while (cohort.size() < perRound) {
        if (queue.isEmpty()) {
          Permutation pass = Permutation.of(KEY.with(passes++), clients);
          for (int i = 0; i < clients; i++) {
            queue.add(pass.at(i));
          }
        }
        int client = queue.poll();
        if (!cohort.add(client)) {
          passedOver.add(client);
        }
      }
      for (int i = passedOver.size() - 1; i >= 0; i--) {
        queue.addFirst(passedOver.get(i));
      }
      assertThat(schedule.next()).isEqualTo(List.copyOf(cohort));
    }
  }

  @Test
  void aMillionClientsAreVisitedOnceBeforeAnyIsTwice() {
    CohortSchedule schedule = new RoundRobinCohorts(1_000_000, 50_000, KEY);
    BitSet seen = new BitSet();
    for (int r = 0; r < 20; r++) {
      schedule.next().forEach(seen::set);
    }
    assertThat(seen.cardinality()).isEqualTo(1_000_000);
    assertThat(schedule.participationCap(20)).isEqualTo(1);
  }

  @Test
  void moreClientsARoundThanThereAreIsRefusedWithTheKey() {
    assertThatThrownBy(() -> new RoundRobinCohorts(4, 5, KEY))
        .hasMessage("federation.clients-per-round must be 1 to 4, the number of clients, got 5");
  }
}
