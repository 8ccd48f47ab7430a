package org.lorica.random;

import java.io.Serializable;

/**
 * A key from which private draws (batches, noise) are computed: {@link RandomKey}, which anybody
 * who knows the seed can repeat, or {@link SecretKey}. The same key gives the same draws on every
 * machine, so a retried task repeats its noise and does not add fresh noise to the same sum.
 */
public sealed interface DrawKey extends Serializable permits RandomKey, SecretKey {

  /** Key for a purpose. */
  DrawKey with(Purpose purpose);

  /** Key for a round, client, step or digest number. Order matters. */
  DrawKey with(long part);

  /** This key's draws from the first on. */
  Draws draws();
}
