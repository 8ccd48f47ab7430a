package org.lorica.federation;

import java.io.Serializable;
import org.lorica.privacy.ClientTerms;
import org.lorica.random.DrawKey;

/**
 * A client of one round's cohort.
 *
 * @param client its index in the population
 * @param weight w_k in the weighted sums
 * @param terms its sampling probability, clip and noise, from the privacy plan
 * @param key of its private draws in this round; a secret one is derived for this client alone
 */
public record Participant(int client, double weight, ClientTerms terms, DrawKey key)
    implements Serializable {}
