package org.lorica.privacy;

import java.util.Arrays;
import org.lorica.random.DrawKey;

/**
 * Batches of a fixed size. No formula here gives an ε for them: for runs without privacy, and for
 * local steps whose privacy lies in the whole message.
 *
 * @param batchSize > 0; a client with fewer records gives all of them
 */
public record FixedSizeSampler(int batchSize, Order order) implements BatchSampler {

  /** How the batches of a round hang together. */
  public enum Order {
    /** Every batch is a fresh draw without replacement. */
    INDEPENDENT,
    /** The records are shuffled and passed through, again and again. */
    SHUFFLED
  }

  public FixedSizeSampler {
    if (batchSize <= 0) {
      throw new IllegalArgumentException("batchSize must be > 0, got " + batchSize);
    }
  }

  @Override
  public int[] sample(DrawKey client, int step, int records) {
    int size = Math.min(batchSize, records);
    if (order == Order.INDEPENDENT) {
      return Arrays.copyOf(client.with(step).draws().permutation(records), size);
    }
    int[] batch = new int[size];
    long from = (long) (step - 1) * size;
    long pass = -1;
    int[] shuffled = {};
    for (int i = 0; i < size; i++) {
      long at = from + i;
      if (at / records != pass) {
        pass = at / records;
        shuffled = client.with(pass).draws().permutation(records);
      }
      batch[i] = shuffled[(int) (at % records)];
    }
    return batch;
  }
}
