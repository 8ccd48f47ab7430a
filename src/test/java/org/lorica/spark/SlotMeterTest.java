package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SlotMeterTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-9);

  @Test
  void nothingIsIdleWhereNothingRuns() {
    assertThat(SlotMeter.idleSeconds(List.of(), 4)).isZero();
  }

  @Test
  void slotsThatNoTaskReachedAreIdleThroughout() {
    assertThat(SlotMeter.idleSeconds(List.of(new SlotMeter.Span(1000, 3000)), 3))
        .isEqualTo(4, EXACT);
  }

  @Test
  void earlierTasksOfASlotDoNotCount() {
    List<SlotMeter.Span> tasks =
        List.of(
            new SlotMeter.Span(0, 1000),
            new SlotMeter.Span(0, 1500),
            new SlotMeter.Span(1000, 4000));
    assertThat(SlotMeter.idleSeconds(tasks, 2)).isEqualTo(2.5, EXACT);
  }

  /** Plain twin: slots that are filled one task after the other, and asked when they were left. */
  @ParameterizedTest
  @MethodSource("org.lorica.testing.Seeds#twenty")
  void idleTimeIsThatOfSimulatedSlots(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 50; trial++) {
      int slots = random.nextInt(1, 6);
      List<SlotMeter.Span> tasks = new ArrayList<>();
      PriorityQueue<Long> free = new PriorityQueue<>();
      for (int i = 0; i < slots; i++) {
        free.add(0L);
      }
      int count = random.nextInt(1, 12);
      for (int i = 0; i < count; i++) {
        long begin = free.remove();
        long end = begin + random.nextInt(1, 1000);
        tasks.add(new SlotMeter.Span(begin, end));
        free.add(end);
      }
      long last = tasks.stream().mapToLong(SlotMeter.Span::end).max().orElseThrow();
      double idle = free.stream().mapToLong(left -> last - left).sum() / 1e3;
      assertThat(SlotMeter.idleSeconds(tasks, slots)).isEqualTo(idle, EXACT);
    }
  }
}
