package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.config.ConfigLoader;
import org.lorica.config.RunConfig;

/** What the driver does for a round goes with the cohort, not with the registered clients. */
class ManyClientsTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static RunConfig config(int clients, String participation) {
    return ConfigLoader.load(
            Path.of("conf/scale.conf"),
            List.of(
                "clients.count=" + clients,
                "federation.participation=" + participation,
                "privacy.noise-multiplier=1"))
        .run();
  }

  /** Bytes allocated by 100 rounds' cohorts and their clients' examples. */
  private static long allocated(int clients, String participation) {
    RunConfig config = config(clients, participation);
    Population population = Population.load(config, Backbones.shared(config));
    FederationPrivacy privacy = FederationPrivacy.of(config, population.clients());
    long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    privacy.calibrate(population);
    CohortSchedule schedule = privacy.schedule(0);
    long held = 0;
    for (int round = 0; round < 100; round++) {
      for (int client : schedule.next()) {
        held += privacy.terms(population.size(client)).samplingProbability() > 0 ? 1 : 0;
        held += population.examples(client).size();
      }
    }
    assertThat(held).isBetween(33L * 9000, 33L * 11000);
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "poisson"})
  void aThousandTimesAsManyClientsAllocateNoMore(String participation) {
    allocated(2000, participation); // classes are loaded
    double few = allocated(2000, participation);
    assertThat(allocated(1_000_000, participation) / few).isBetween(0.8, 1.2);
  }
}
