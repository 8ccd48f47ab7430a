package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.config.RunConfig;
import org.lorica.random.RandomKey;
import org.lorica.testing.TinyScenario;

class VoidRoundsTest {
  private static final int ROUNDS = 200_000;

  @TempDir private Path dir;

  /** Relative frequency over drawn cohorts; 5 deviations. */
  @ParameterizedTest(name = "{0} clients, {1} expected, {2} at least")
  @CsvSource({"8, 2, 0", "8, 2, 1", "8, 2, 5", "40, 8, 10", "1, 1, 1"})
  void aRoundThatCountedHasAClientAsOftenAsDrawnCohortsSay(int clients, int expected, int least) {
    PoissonCohorts cohorts = new PoissonCohorts(clients, expected, ROUNDS, RandomKey.root(7));
    int counted = 0;
    int with = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Integer> cohort = cohorts.next();
      counted += cohort.size() >= least ? 1 : 0;
      with += cohort.size() >= least && cohort.contains(0) ? 1 : 0;
    }
    double found = (double) with / counted;
    double p = VoidRounds.participation(clients, (double) expected / clients, least);
    assertThat(found).isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / counted) + 1e-12));
  }

  private static double thirdParty(TinyScenario scenario, int minClients) {
    RunConfig config =
        scenario
            .load(
                "privacy.epsilon=8",
                "federation.participation=poisson",
                "federation.clients-per-round=2",
                "federation.min-clients=" + minClients)
            .run();
    FederationPrivacy privacy = FederationPrivacy.of(config, 9);
    return privacy.thirdPartyEpsilon(privacy.terms(12), 4).getAsDouble();
  }

  @Test
  void theThirdPartysFigureCountsWhatVoidRoundsTell() throws IOException {
    TinyScenario scenario = TinyScenario.in(dir);
    double without = thirdParty(scenario, 0);
    assertThat(thirdParty(scenario, 1)).isGreaterThan(1.02 * without);
    assertThat(thirdParty(scenario, 7)).isGreaterThan(1.5 * without);
  }
}
