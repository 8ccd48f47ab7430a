package org.lorica.federation;

import java.io.Serializable;
import org.lorica.privacy.ClientTerms;

/**
 * A client of one round's cohort.
 *
 * @param client its index in the population
 * @param weight w_k in the weighted sums; a cohort's weights sum to 1
 * @param terms its sampling probability and noise, from the privacy plan
 */
public record Participant(int client, double weight, ClientTerms terms) implements Serializable {}
