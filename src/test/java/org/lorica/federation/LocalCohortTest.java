package org.lorica.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lorica.config.LoadedConfig;
import org.lorica.testing.RunTrace;
import org.lorica.testing.TinyScenario;

class LocalCohortTest {
  @TempDir Path folder;

  /** A thread owns the kernels' scratch memory, some of it off the heap. */
  @Test
  void threadsStayFromRoundToRound() throws IOException {
    LoadedConfig config =
        TinyScenario.in(folder).load("federation.rounds=6", "federation.clients-per-round=9");
    Workbench workbench = Workbench.shared(config.resolvedHocon());
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    RunTrace trace =
        RunTrace.of(
            config,
            LocalCohort.pool(
                (task, p) -> {
                  threads.add(Thread.currentThread());
                  return workbench.train(task, p);
                },
                2));
    assertThat(trace.rounds()).hasSize(6);
    assertThat(threads).hasSizeBetween(1, 3); // two, and one that stands in for a blocked one
  }
}
