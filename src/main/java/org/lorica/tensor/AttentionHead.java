package org.lorica.tensor;

/**
 * Queries (n × w), keys and values (m × w) of one attention head, or their gradients: views into
 * wider activations.
 */
public record AttentionHead(Tensor queries, Tensor keys, Tensor values) {

  /**
   * How scores are made: scale·q·kᵀ, of which query i sees the first min(m, visible + i·step).
   *
   * @param visible m for attention over a whole sequence, 1 for causal attention
   * @param step 0 for a whole sequence, 1 for causal attention
   */
  public record Scores(double scale, int visible, int step) {}
}
