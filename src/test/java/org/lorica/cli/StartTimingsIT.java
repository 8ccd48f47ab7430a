package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTimingsIT {
  @TempDir private Path dir;

  @Test
  void aRunOnSparkAlsoNamesTheWaitForSparkAndItsFirstTask() throws IOException {
    Map<String, Double> seconds = StartTimingsTest.timings(dir, "federation.rounds=1");
    assertThat(seconds.keySet())
        .containsExactly(
            "settings",
            "natives",
            "model",
            "data",
            "first evaluation",
            "privacy",
            "spark",
            "run folder",
            "first broadcast",
            "first task",
            "sum",
            "processor time");
  }
}
