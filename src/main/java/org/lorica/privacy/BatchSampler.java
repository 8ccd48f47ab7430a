package org.lorica.privacy;

import java.io.Serializable;
import org.lorica.random.DrawKey;

/** Which of a client's records are in the batch of a local step. */
public interface BatchSampler extends Serializable {

  /**
   * Indices of the batch among {@code records}.
   *
   * @param client key of this client in this round
   * @param step local step, from 1
   */
  int[] sample(DrawKey client, int step, int records);
}
