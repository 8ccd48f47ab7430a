package org.lorica.federation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lorica.random.DrawKey;
import org.lorica.random.Draws;

/**
 * Every client is in a round with probability p, independently of all else; a cohort may be empty.
 * A client that has reached the cap stays out. Work and memory go with the cohort, not with the
 * registered clients: the gap to the next member is geometric.
 */
public final class PoissonCohorts implements CohortSchedule {
  private final int clients;
  private final double probability;
  private final int cap;
  private final DrawKey key;
  private final Map<Integer, Integer> participations = new HashMap<>();
  private int round = 0;

  /**
   * @param expected clients in a round on average, 1 … clients
   * @param cap most participations of one client
   */
  public PoissonCohorts(int clients, int expected, int cap, DrawKey key) {
    RoundRobinCohorts.requireFit(clients, expected);
    this.clients = clients;
    this.probability = (double) expected / clients;
    this.cap = cap;
    this.key = key;
  }

  @Override
  public int participationCap(int rounds) {
    return Math.min(cap, rounds);
  }

  @Override
  public double cohortProbability() {
    return probability;
  }

  @Override
  public List<Integer> next() {
    Draws draws = key.with(round++).draws();
    List<Integer> cohort = new ArrayList<>();
    for (long client = gap(draws); client < clients; client += 1 + gap(draws)) {
      int drawn = (int) client;
      if (participations.merge(drawn, 1, Integer::sum) <= cap) {
        cohort.add(drawn);
      }
    }
    return List.copyOf(cohort);
  }

  /** Clients passed over before the next member: ⌊ln U / ln(1−p)⌋. */
  private long gap(Draws draws) {
    if (probability == 1) {
      return 0;
    }
    double gap = Math.log(1 - draws.uniform()) / Math.log1p(-probability);
    return (long) Math.min(gap, clients);
  }
}
