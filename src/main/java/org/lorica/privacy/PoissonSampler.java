package org.lorica.privacy;

import java.io.Serializable;
import java.util.Arrays;
import org.lorica.random.RandomKey;

/**
 * Poisson sampling: every record is in the batch with probability q, independently. The batch may
 * be empty.
 *
 * @param samplingProbability q in [0, 1]
 */
public record PoissonSampler(double samplingProbability) implements Serializable {
  public PoissonSampler {
    if (!(samplingProbability >= 0 && samplingProbability <= 1)) {
      throw new IllegalArgumentException(
          "samplingProbability must be in [0, 1], got " + samplingProbability);
    }
  }

  /** Indices of the batch among {@code records}, ascending. */
  public int[] sample(RandomKey key, int records) {
    int[] chosen = new int[records];
    int count = 0;
    for (int i = 0; i < records; i++) {
      if (key.uniform(i) < samplingProbability) {
        chosen[count++] = i;
      }
    }
    return Arrays.copyOf(chosen, count);
  }
}
