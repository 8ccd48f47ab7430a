package org.lorica.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lorica.data.Example;
import org.lorica.data.Image;
import org.lorica.data.ImageShape;
import org.lorica.data.Tokens;

class RaggedBatchTest {
  private static final Example PAIR =
      new Example(new Tokens(new int[] {5, 6, 7, 8}, new int[] {0, 0, 1, 1}), 1);
  private static final Example PLAIN = new Example(new int[] {9, 3}, 0);

  /** Batches of a worker stand in the same arrays, which a longer one before has filled. */
  @Test
  void aBatchIsAsIfItWereTheFirst() {
    RaggedBatch batch = new RaggedBatch(List.of(PAIR, PAIR, PAIR), 0);
    batch.nextTokens();
    batch.fill(List.of(PLAIN, PAIR), 0);
    RaggedBatch fresh = new RaggedBatch(List.of(PLAIN, PAIR), 0);
    assertThat(batch.tokens()).isEqualTo(6);
    assertThat(batch.labels()).containsExactly(0, 1);
    same(batch.ids(), fresh.ids());
    same(batch.segments(), fresh.segments());
    same(batch.positions(), fresh.positions());
    same(batch.nextTokens(), fresh.nextTokens());
    assertThat(fresh.segments()).containsExactly(0, 0, 0, 0, 1, 1);
  }

  @Test
  void rowsOfAnImageHaveNoTokensOfTheBatchBefore() {
    RaggedBatch batch = new RaggedBatch(List.of(PAIR), 0);
    ImageShape shape = new ImageShape(1, 1, 1);
    batch.fill(List.of(new Example(Image.of(shape, new float[1]), 0)), 3);
    assertThat(Arrays.copyOf(batch.ids(), 3)).containsOnly(0);
    assertThat(Arrays.copyOf(batch.segments(), 3)).containsOnly(0);
  }

  private static void same(int[] longer, int[] expected) {
    assertThat(Arrays.copyOf(longer, expected.length)).containsExactly(expected);
  }
}
