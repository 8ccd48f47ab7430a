package org.lorica.privacy;

import java.util.Arrays;
import org.lorica.random.DrawKey;
import org.lorica.random.Draws;

/**
 * Poisson sampling: every record is in the batch with probability q, independently. The batch may
 * be empty. The only sampler that the accountants' formulas hold for.
 *
 * @param samplingProbability q in [0, 1]
 */
public record PoissonSampler(double samplingProbability) implements BatchSampler {
  private static final int USUAL = 64; // examples of a batch

  public PoissonSampler {
    if (!(samplingProbability >= 0 && samplingProbability <= 1)) {
      throw new IllegalArgumentException(
          "samplingProbability must be in [0, 1], got " + samplingProbability);
    }
  }

  /** Ascending. */
  @Override
  public int[] sample(DrawKey client, int step, int records) {
    return sample(client.with(step).draws(), records);
  }

  /** Indices among {@code candidates}, ascending. */
  public int[] sample(Draws draws, int candidates) {
    int[] chosen = new int[Math.min(candidates, USUAL)]; // a client may hold far more than it draws
    int count = 0;
    for (int i = 0; i < candidates; i++) {
      if (draws.uniform() < samplingProbability) {
        chosen = count == chosen.length ? Arrays.copyOf(chosen, 2 * count) : chosen;
        chosen[count++] = i;
      }
    }
    return Arrays.copyOf(chosen, count);
  }
}
