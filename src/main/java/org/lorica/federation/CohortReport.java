package org.lorica.federation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a cohort's training came to; small enough to be collected from every partition.
 *
 * @param failures ascending by client
 */
public record CohortReport(TrainingStats stats, List<ClientFailure> failures)
    implements Serializable {
  /** Of no client. */
  public static final CohortReport NONE = new CohortReport(TrainingStats.NONE, List.of());

  public CohortReport {
    List<ClientFailure> sorted = new ArrayList<>(failures);
    sorted.sort(Comparator.comparingInt(ClientFailure::client));
    failures = List.copyOf(sorted);
  }

  /** Of one client. */
  public static CohortReport of(ClientUpdate update) {
    return new CohortReport(update.stats(), update.failures());
  }

  /** Of both; the order does not matter. */
  public CohortReport plus(CohortReport other) {
    List<ClientFailure> all = new ArrayList<>(failures);
    all.addAll(other.failures);
    return new CohortReport(stats.plus(other.stats), all);
  }
}
