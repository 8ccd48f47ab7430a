package org.lorica.tensor;

/**
 * Queries (n × w), keys and values (m × w) of one attention head, or their gradients: views into
 * wider activations, set anew for every call.
 */
public final class AttentionHead {
  private Tensor queries;
  private Tensor keys;
  private Tensor values;

  /** A head that has to be {@link #set} before use. */
  public AttentionHead() {}

  public AttentionHead(Tensor queries, Tensor keys, Tensor values) {
    set(queries, keys, values);
  }

  public void set(Tensor ofQueries, Tensor ofKeys, Tensor ofValues) {
    queries = ofQueries;
    keys = ofKeys;
    values = ofValues;
  }

  public Tensor queries() {
    return queries;
  }

  public Tensor keys() {
    return keys;
  }

  public Tensor values() {
    return values;
  }

  /**
   * How scores are made: scale·q·kᵀ, of which query i sees the first min(m, visible + i·step).
   *
   * @param visible at least m for attention over a whole sequence, 1 for causal attention
   * @param step 0 for a whole sequence, 1 for causal attention
   */
  public record Scores(double scale, int visible, int step) {}
}
