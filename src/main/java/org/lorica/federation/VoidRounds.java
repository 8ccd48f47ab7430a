package org.lorica.federation;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * What a void round tells those who see the released models only: too few came, for the model
 * stayed as it was. Of a round that counted they know that enough came, which makes it likelier
 * that a given client was among them.
 */
final class VoidRounds {
  private VoidRounds() {}

  /**
   * Probability of a client to be in a round that counted, p·P[Bin(M−1, p) ≥ m−1]/P[Bin(M, p) ≥ m].
   * Void rounds read no data, so that all rounds at this probability are an upper bound.
   *
   * @param clients M > 0, each in the cohort with {@code probability} p, independently
   * @param least m ≥ 0; with fewer clients a round is void
   */
  static double participation(int clients, double probability, int least) {
    if (least == 0) {
      return probability;
    }
    double counted = atLeast(least, clients, probability);
    double withClient = probability * atLeast(least - 1, clients - 1, probability);
    return counted > 0 ? Math.min(1, withClient / counted) : 1;
  }

  private static double atLeast(int count, int trials, double probability) {
    return 1 - new BinomialDistribution(null, trials, probability).cumulativeProbability(count - 1);
  }
}
