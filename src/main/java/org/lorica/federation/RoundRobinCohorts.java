package org.lorica.federation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import org.lorica.random.DrawKey;
import org.lorica.random.Permutation;

/**
 * Shuffled round-robin: every pass visits all clients once in a keyed order, so that after R rounds
 * of m no client of M has taken part more than ⌈R·m/M⌉ times. Work goes with the cohort; memory
 * too, where there are more clients than {@link Permutation} keeps in a table.
 */
public final class RoundRobinCohorts implements CohortSchedule {
  private final int clients;
  private final int perRound;
  private final DrawKey key;
  private final Deque<Integer> waiting = new ArrayDeque<>();
  private Permutation pass;
  private int passes = 0;
  private int visited = 0;

  public RoundRobinCohorts(int clients, int perRound, DrawKey key) {
    requireFit(clients, perRound);
    this.clients = clients;
    this.perRound = perRound;
    this.key = key;
    this.pass = Permutation.of(key, 0); // over before it began
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
      int client = waiting.isEmpty() ? nextOfPass() : waiting.poll();
      if (!cohort.add(client)) {
        passedOver.add(client); // at the seam of two passes: it keeps its turn in the new pass
      }
    }
    for (int i = passedOver.size() - 1; i >= 0; i--) {
      waiting.addFirst(passedOver.get(i));
    }
    return List.copyOf(cohort);
  }

  private int nextOfPass() {
    if (visited == pass.size()) {
      pass = Permutation.of(key.with(passes++), clients);
      visited = 0;
    }
    return pass.at(visited++);
  }
}
