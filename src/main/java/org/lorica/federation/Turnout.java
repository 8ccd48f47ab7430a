package org.lorica.federation;

import java.util.List;

/**
 * Who dropped out of a round, and what became of the round. Whether training failed is read off
 * private data without noise: for simulation only.
 *
 * @param dropped ascending by client
 */
public record Turnout(Status status, List<ClientFailure> dropped) {

  /** Whether the round counted. */
  public enum Status {
    /** The cohort's updates went into the global adapter. */
    AGGREGATED,
    /** Too few clients trained: the global adapter stayed as it was. */
    VOID
  }

  public Turnout {
    dropped = List.copyOf(dropped);
  }

  /**
   * @param minClients with fewer trained clients the round is void
   */
  static Turnout of(Cohort cohort, int minClients) {
    List<ClientFailure> dropped = cohort.failures();
    int trained = cohort.stats().clients() - dropped.size();
    return new Turnout(trained < minClients ? Status.VOID : Status.AGGREGATED, dropped);
  }
}
