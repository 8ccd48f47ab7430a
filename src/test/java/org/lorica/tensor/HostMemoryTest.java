package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostMemoryTest {

  @Test
  void whatTheKernelCouldGiveAndFreeSwapAreAvailable() {
    List<String> lines =
        List.of(
            "MemTotal:       24629744 kB",
            "MemFree:         1000000 kB",
            "MemAvailable:    2000000 kB",
            "SwapCached:            7 kB",
            "SwapTotal:       4000000 kB",
            "SwapFree:        3000000 kB");
    assertThat(HostMemory.available(lines)).isEqualTo(5_000_000L * 1024);
  }

  @Test
  void withoutTheKernelsEstimateNothingIsKnown() {
    assertThat(HostMemory.available(List.of("SwapFree: 3 kB"))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void thisMachineHasSomeMemoryButNotAllThereIs() {
    assertThat(new HostMemory().available()).isBetween(1L << 20, 1L << 50);
  }
}
