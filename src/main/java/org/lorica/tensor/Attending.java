package org.lorica.tensor;

/** Arguments of {@link Kernels#attend}, set anew for every call. */
public final class Attending {
  private final AttentionHead in;
  private AttentionHead.Scores scores;
  private Tensor p;
  private Tensor context;

  /** Arguments that have to be {@link #set} before use, those of {@link #in} as well. */
  public Attending() {
    in = new AttentionHead();
  }

  public Attending(AttentionHead.Scores scores, AttentionHead in, Tensor p, Tensor context) {
    this.in = in;
    set(scores, p, context);
  }

  public void set(AttentionHead.Scores how, Tensor probabilities, Tensor result) {
    scores = how;
    p = probabilities;
    context = result;
  }

  public AttentionHead.Scores scores() {
    return scores;
  }

  public AttentionHead in() {
    return in;
  }

  /** n × m. */
  public Tensor p() {
    return p;
  }

  /** n × w. */
  public Tensor context() {
    return context;
  }
}
