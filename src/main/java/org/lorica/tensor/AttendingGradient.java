package org.lorica.tensor;

/** Arguments of {@link Kernels#attendGradient}, set anew for every call. */
public final class AttendingGradient {
  private final Attended attended;
  private final AttentionHead d;
  private AttentionHead.Scores scores;
  private int turn;

  /** Arguments that have to be {@link #set} before use, those of the two parts as well. */
  public AttendingGradient() {
    attended = new Attended();
    d = new AttentionHead();
  }

  public AttendingGradient(
      AttentionHead.Scores scores, Attended attended, AttentionHead d, int turn) {
    this.attended = attended;
    this.d = d;
    set(scores, turn);
  }

  public void set(AttentionHead.Scores how, int turnOfHead) {
    scores = how;
    turn = turnOfHead;
  }

  public AttentionHead.Scores scores() {
    return scores;
  }

  public Attended attended() {
    return attended;
  }

  /** The gradients. */
  public AttentionHead d() {
    return d;
  }

  /** Which of the heads with the same keys and values this one is, from 0. */
  public int turn() {
    return turn;
  }

  /** What {@link Kernels#attend} read and left, and the gradient of its context. */
  public static final class Attended {
    private final AttentionHead in;
    private Tensor p;
    private Tensor dContext;

    Attended() {
      in = new AttentionHead();
    }

    public Attended(AttentionHead in, Tensor p, Tensor dContext) {
      this.in = in;
      set(p, dContext);
    }

    public void set(Tensor probabilities, Tensor gradient) {
      p = probabilities;
      dContext = gradient;
    }

    public AttentionHead in() {
      return in;
    }

    /** n × m, as attend left it. */
    public Tensor p() {
      return p;
    }

    /** n × w. */
    public Tensor dContext() {
      return dContext;
    }
  }
}
