package org.lorica.tensor;

import org.lorica.tensor.vector.NarrowAttention;
import org.lorica.tensor.vector.Span;

/** Attention of heads of eight values, by loops of its own. Belongs to one thread. */
final class NarrowHead {
  private static final ThreadLocal<NarrowHead> OWN = ThreadLocal.withInitial(NarrowHead::new);

  private final NarrowAttention attention = new NarrowAttention();
  private final NarrowAttention.Head in = new NarrowAttention.Head();
  private final NarrowAttention.Head d = new NarrowAttention.Head();
  private final NarrowAttention.Gradients overwriting = new NarrowAttention.Gradients(d, 0);
  private final NarrowAttention.Gradients adding = new NarrowAttention.Gradients(d, 1);
  private final NarrowAttention.Rows context = new NarrowAttention.Rows();
  private final Span kept = new Span();
  private NarrowAttention.Sight sight = new NarrowAttention.Sight(1, 1, 0);

  private NarrowHead() {}

  static NarrowHead ofThread() {
    return OWN.get();
  }

  /** Whether it can do this head, by shapes alone; {@code p} is the working memory. */
  static boolean fits(AttentionHead.Scores scores, AttentionHead in, Tensor p) {
    return NarrowAttention.fits(in.queries().cols(), scores.step())
        && scores.visible() > 0
        && in.values().cols() == NarrowAttention.WIDTH
        && p.contiguous()
        && NarrowAttention.kept(in.queries().rows()) <= p.size();
  }

  void attend(AttentionHead.Scores scores, AttentionHead head, Tensor p, Tensor to) {
    place(head, in);
    place(to, context);
    kept.set(p.bytes(), p.byteOffset(), p.size());
    attention.forward(sight(scores), in, kept, context);
  }

  void attendGradient(
      AttentionHead.Scores scores,
      AttendingGradient.Attended attended,
      AttentionHead gradient,
      int keep) {
    place(attended.in(), in);
    place(gradient, d);
    place(attended.dContext(), context);
    Tensor p = attended.p();
    kept.set(p.bytes(), p.byteOffset(), p.size());
    attention.backward(sight(scores), in, kept, context, keep == 0 ? overwriting : adding);
  }

  private NarrowAttention.Sight sight(AttentionHead.Scores scores) {
    float scale = (float) scores.scale();
    if (sight.scale() != scale
        || sight.visible() != scores.visible()
        || sight.step() != scores.step()) {
      sight = new NarrowAttention.Sight(scale, scores.visible(), scores.step());
    }
    return sight;
  }

  private static void place(AttentionHead from, NarrowAttention.Head head) {
    place(from.queries(), head.queries());
    place(from.keys(), head.keys());
    place(from.values(), head.values());
  }

  private static void place(Tensor from, NarrowAttention.Rows rows) {
    rows.set(from.bytes(), from.byteOffset(), from.stride(), from.rows());
  }
}
