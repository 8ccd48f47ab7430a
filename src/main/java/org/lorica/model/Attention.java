package org.lorica.model;

import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Arena;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Attending;
import org.lorica.tensor.AttendingGradient;
import org.lorica.tensor.AttentionHead;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * Scaled dot-product attention within every range of rows of a pass (arXiv 1706.03762), with as
 * many or fewer key than query heads (arXiv 2305.13245). Heads are strided views of the token rows;
 * nothing is transposed or padded.
 */
final class Attention {

  /** Which tokens a token sees. */
  enum Sight {
    WHOLE_SEQUENCE,
    CAUSAL
  }

  /** Query head h reads key head h / (heads / keyHeads). */
  record Shape(int heads, int keyHeads, int headWidth, Sight sight) {
    Shape {
      if (heads <= 0 || keyHeads <= 0 || heads % keyHeads != 0) {
        throw new IllegalArgumentException(
            "num_attention_heads must be a multiple of num_key_value_heads, got "
                + heads
                + " and "
                + keyHeads);
      }
    }

    int queryWidth() {
      return heads * headWidth;
    }

    int keyWidth() {
      return keyHeads * headWidth;
    }
  }

  /** A frozen summand of the scores before their softmax. */
  interface ScoreBias {
    /** Sets the scores (length × length) of one head in one range of rows. */
    void set(Kernels kernels, int range, int head, Tensor scores);
  }

  /** Queries (tokens × queryWidth), keys and values (tokens × keyWidth), or their gradients. */
  record Inputs(Tensor queries, Tensor keys, Tensor values) {}

  private final Shape shape;
  private final double scale;
  private final AttentionHead.Scores scores;
  private final List<Tensor> probabilities = new ArrayList<>(); // a range: heads·length × length
  private final ScoreBias bias; // null for none
  private Inputs inputs;
  private RowRanges seen; // rows of keys and values; queries' rows are the pass's

  Attention(Shape shape) {
    this(shape, null);
  }

  Attention(Shape shape, ScoreBias bias) {
    this.shape = shape;
    this.bias = bias;
    this.scale = 1 / Math.sqrt(shape.headWidth());
    this.scores =
        shape.sight() == Sight.CAUSAL
            ? new AttentionHead.Scores(scale, 1, 1)
            : new AttentionHead.Scores(scale, Integer.MAX_VALUE, 0);
  }

  Shape shape() {
    return shape;
  }

  Tensor forward(Pass pass, Inputs in) {
    return forward(pass, pass.ranges(), in);
  }

  /** As above, where keys and values have other rows than the queries, range by range. */
  Tensor forward(Pass pass, RowRanges keyRows, Inputs in) {
    if (shape.sight() == Sight.CAUSAL && keyRows.rows() != pass.ranges().rows()) {
      throw new IllegalArgumentException("causal attention needs as many queries as keys");
    }
    inputs = in;
    seen = keyRows;
    probabilities.clear();
    Kernels kernels = pass.kernels();
    Tensor context = pass.tokenRows(shape.queryWidth());
    if (bias == null) {
      attend(pass, in, context);
      return context;
    }
    for (int e = 0; e < pass.ranges().count(); e++) {
      int length = pass.ranges().length(e);
      Tensor p = pass.allocate(shape.heads() * length, seen.length(e));
      for (int h = 0; h < shape.heads(); h++) {
        Tensor own = p.rows(h * length, length);
        Tensor keys = keyHead(in.keys(), e, h);
        bias.set(kernels, e, h, own);
        kernels.gemm(scale, queryHead(pass, in.queries(), e, h), keys.t(), 1, own);
        kernels.softmax(scores.visible(), scores.step(), own);
      }
      for (int h = 0; h < shape.heads(); h++) {
        Tensor values = keyHead(in.values(), e, h);
        kernels.gemm(1, p.rows(h * length, length), values, 0, queryHead(pass, context, e, h));
      }
      probabilities.add(p);
    }
    return context;
  }

  private void attend(Pass pass, Inputs in, Tensor context) {
    for (int e = 0; e < pass.ranges().count(); e++) {
      probabilities.add(pass.allocate(shape.heads() * pass.ranges().length(e), seen.length(e)));
    }
    Arena.Mark mark = pass.arena().mark();
    ArgumentList<Attending> all = pass.work().heads();
    for (int e = 0; e < pass.ranges().count(); e++) {
      for (int h = 0; h < shape.heads(); h++) {
        Attending head = all.next();
        place(pass, in, e, h, head.in());
        head.set(scores, probabilities(pass, e, h), queryHead(pass, context, e, h));
      }
    }
    pass.kernels().attendEach(all);
    pass.arena().release(mark);
  }

  private void attendGradient(Pass pass, Tensor dContext, Inputs d) {
    Arena.Mark mark = pass.arena().mark();
    ArgumentList<AttendingGradient> all = pass.work().headGradients();
    for (int e = 0; e < pass.ranges().count(); e++) {
      for (int h = 0; h < shape.heads(); h++) {
        AttendingGradient head = all.next();
        place(pass, inputs, e, h, head.attended().in());
        head.attended().set(probabilities(pass, e, h), queryHead(pass, dContext, e, h));
        place(pass, d, e, h, head.d());
        head.set(scores, h % (shape.heads() / shape.keyHeads()));
      }
    }
    pass.kernels().attendGradientEach(all, pass.arena());
    pass.arena().release(mark);
  }

  private void place(Pass pass, Inputs in, int example, int head, AttentionHead to) {
    to.set(
        queryHead(pass, in.queries(), example, head),
        keyHead(in.keys(), example, head),
        keyHead(in.values(), example, head));
  }

  private Tensor probabilities(Pass pass, int example, int head) {
    int length = pass.ranges().length(example);
    return probabilities.get(example).rows(head * length, length);
  }

  /** Gradients with respect to queries, keys and values, in new memory. */
  Inputs backward(Pass pass, Tensor dContext) {
    Kernels kernels = pass.kernels();
    Inputs d =
        new Inputs(
            pass.tokenRows(shape.queryWidth()),
            pass.allocate(seen.rows(), shape.keyWidth()),
            pass.allocate(seen.rows(), shape.keyWidth()));
    if (bias == null) {
      attendGradient(pass, dContext, d);
      return d;
    }
    for (int e = 0; e < pass.ranges().count(); e++) {
      int length = pass.ranges().length(e);
      Tensor p = probabilities.get(e);
      Tensor dp = pass.allocate(p.rows(), p.cols());
      for (int h = 0; h < shape.heads(); h++) {
        Tensor dOut = queryHead(pass, dContext, e, h);
        Tensor rows = p.rows(h * length, length);
        kernels.gemm(1, dOut, keyHead(inputs.values(), e, h).t(), 0, dp.rows(h * length, length));
        kernels.gemm(1, rows.t(), dOut, keep(h), keyHead(d.values(), e, h));
      }
      kernels.softmaxGradient(p, dp);
      for (int h = 0; h < shape.heads(); h++) {
        Tensor ds = dp.rows(h * length, length);
        Tensor keys = keyHead(inputs.keys(), e, h);
        Tensor queries = queryHead(pass, inputs.queries(), e, h);
        kernels.gemm(scale, ds, keys, 0, queryHead(pass, d.queries(), e, h));
        kernels.gemm(scale, ds.t(), queries, keep(h), keyHead(d.keys(), e, h));
      }
    }
    return d;
  }

  /** 0 for the first query head of a key head, whose sum starts there; 1 for the others. */
  private int keep(int head) {
    return head % (shape.heads() / shape.keyHeads()) == 0 ? 0 : 1;
  }

  private Tensor queryHead(Pass pass, Tensor rows, int example, int head) {
    return head(pass.ranges(), rows, example, head);
  }

  private Tensor keyHead(Tensor rows, int example, int head) {
    return head(seen, rows, example, head / (shape.heads() / shape.keyHeads()));
  }

  private Tensor head(RowRanges ranges, Tensor rows, int example, int index) {
    return rows.view(
        ranges.start(example),
        ranges.length(example),
        index * shape.headWidth(),
        shape.headWidth());
  }
}
