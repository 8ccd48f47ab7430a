package org.lorica.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import org.jtransforms.fft.DoubleFFT_1D;
import org.junit.jupiter.api.Test;
import org.lorica.random.RandomKey;

class FourierPlanTest {
  @Test
  void aKeptTransformGivesTheBitsOfANewOne() {
    for (int points : new int[] {64, 64, 1024, 64, 1024, 1024}) {
      double[] kept = new double[points];
      for (int i = 0; i < points; i++) {
        kept[i] = RandomKey.root(points).gaussian(i);
      }
      double[] fresh = kept.clone();
      FourierPlan.of(points).realForward(kept);
      new DoubleFFT_1D(points).realForward(fresh);
      assertThat(kept).isEqualTo(fresh);
      FourierPlan.of(points).realInverse(kept, true);
      new DoubleFFT_1D(points).realInverse(fresh, true);
      assertThat(kept).isEqualTo(fresh);
    }
    assertThat(FourierPlan.of(1024)).isSameAs(FourierPlan.of(1024));
  }
}
