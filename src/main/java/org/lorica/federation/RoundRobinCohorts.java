package org.lorica.federation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.lorica.random.DrawKey;

/**
 * Shuffled round-robin: every pass visits all clients once in a keyed order, so that after R rounds
 * of m no client of M has taken part more than ⌈R·m/M⌉ times.
 */
public final class RoundRobinCohorts implements CohortSchedule {
  private final int clients;
  private final int perRound;
  private final DrawKey key;
  private final Deque<Integer> queue = new ArrayDeque<>();
  private int passes = 0;

  public RoundRobinCohorts(int clients, int perRound, DrawKey key) {
    requireFit(clients, perRound);
    this.clients = clients;
    this.perRound = perRound;
    this.key = key;
  }

  static void requireFit(int clients, int perRound) {
    if (perRound < 1 || perRound > clients) {
      throw new IllegalArgumentException(
          "federation.clients-per-round must be 1 to "
              + clients
              + ", the number of clients, got "
              + perRound);
    }
  }

  @Override
  public int participationCap(int rounds) {
    return (int) (((long) rounds * perRound + clients - 1) / clients);
  }

  @Override
  public double cohortProbability() {
    return (double) perRound / clients;
  }

  @Override
  public List<Integer> next() {
    TreeSet<Integer> cohort = new TreeSet<>();
    List<Integer> passedOver = new ArrayList<>();
    while (cohort.size() < perRound) {
      if (queue.isEmpty()) {
        for (int client : key.with(passes++).draws().permutation(clients)) {
          queue.add(client);
        }
      }
      int client = queue.poll();
      if (!cohort.add(client)) {
        passedOver.add(client); // at the seam of two passes: it keeps its turn in the new pass
      }
    }
    for (int i = passedOver.size() - 1; i >= 0; i--) {
      queue.addFirst(passedOver.get(i));
    }
    return List.copyOf(cohort);
  }
}
