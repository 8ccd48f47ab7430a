package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
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
  void aBlockBeyondWhatIsAvailableIsRefusedWithBothSizes() {
    HostMemory memory = new HostMemory(() -> 99L << 20);
    assertThatThrownBy(() -> memory.reserve(Precision.FLOAT32, 25 << 20))
        .isInstanceOf(DeviceMemoryException.class)
        .hasMessageContaining("for 100 MiB more: 99 MiB are available")
        .hasMessageContaining("federation.micro-batch");
    assertThat(memory.reserve(Precision.FLOAT32, 1 << 20).elements()).isEqualTo(1 << 20);
  }

  @Test
  void aFreedBlockIsGivenBackAtOnce() {
    HostBlock block = new HostBlock(Precision.FLOAT32, 25 << 20);
    long with = HostBlock.bytesOfAll();
    block.free();
    assertThat(block.array().wasClosed()).isTrue();
    assertThat(HostBlock.bytesOfAll()).isLessThanOrEqualTo(with - (100 << 20));
  }

  @Test
  void whatNobodyUsesAnyMoreIsCollectedBeforeMemoryIsFull() {
    Deque<Long> seen = new ArrayDeque<>(List.of(1L, 2L, 10L));
    assertThat(new HostMemory(seen::pop).available(10)).isEqualTo(10);
    assertThat(seen).isEmpty();
  }

  @Test
  void anArenaServesAgainAfterItWasFreed() {
    Arena arena = new Arena(Precision.FLOAT32);
    arena.allocate(1 << 10, 1 << 10);
    arena.free();
    assertThat(arena.reservedBytes()).isZero();
    Tensor after = arena.allocate(2, 3);
    after.set(1, 2, 5);
    assertThat(after.at(1, 2)).isEqualTo(5);
  }

  @Test
  void thisMachineHasSomeMemoryButNotAllThereIs() {
    assertThat(new HostMemory().available(0)).isBetween(1L << 20, 1L << 50);
  }
}
