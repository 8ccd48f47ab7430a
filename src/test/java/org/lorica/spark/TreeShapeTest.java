package org.lorica.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TreeShapeTest {
  private static final long GIB = 1L << 30;
  private static final long MIB = 1L << 20;

  @Test
  void theDriverReceivesAtMostTheRootOfThePartitionsOrSixteenMebibytesInAll() {
    for (int partitions = 1; partitions <= 3000; partitions++) {
      for (long payload : new long[] {8, 1000, MIB / 100, MIB, 50 * MIB}) {
        for (long limit : new long[] {0, 1000, MIB, GIB}) {
          TreeShape shape = TreeShape.of(partitions, payload, limit);
          int arriving = shape.arriving(partitions);
          assertThat(arriving).isPositive();
          boolean fewEnough = arriving <= Math.max(1, Math.sqrt(partitions));
          boolean smallInAll = arriving * payload <= 16 * MIB;
          assertThat(fewEnough || smallInAll)
              .as("%d partitions of %d bytes: %s, %d arrive", partitions, payload, shape, arriving)
              .isTrue();
          if (limit > 0 && payload <= limit / 4) {
            assertThat(arriving * payload).isLessThanOrEqualTo(limit);
          }
        }
      }
    }
  }

  @Test
  void smallSumsComeAtOnce() {
    assertThat(TreeShape.of(64, 1000, GIB)).isEqualTo(new TreeShape(1, false));
    assertThat(TreeShape.of(4, 3 * MIB, GIB)).isEqualTo(new TreeShape(1, false));
    assertThat(TreeShape.of(64, MIB, GIB)).isEqualTo(new TreeShape(2, false));
    assertThat(TreeShape.of(64, 300 * MIB, GIB)).isEqualTo(new TreeShape(2, true));
  }

  @Test
  void aGivenDepthIsKept() {
    assertThat(TreeShape.ofDepth(3, 64, MIB, GIB)).isEqualTo(new TreeShape(3, false));
    assertThat(TreeShape.ofDepth(1, 64, 100 * MIB, GIB)).isEqualTo(new TreeShape(1, true));
    assertThat(TreeShape.ofDepth(1, 64, 100 * MIB, 0)).isEqualTo(new TreeShape(1, false));
  }
}
