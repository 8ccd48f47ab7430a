package org.lorica.tensor;

import org.lorica.tensor.vector.Span;

/**
 * Walks the rows of tensors of one shape in step, as one long row where all are contiguous: ends of
 * rows go element by element.
 */
final class MatchingRows {
  private MatchingRows() {}

  /** A loop body over matching rows of up to three tensors. */
  interface OfThree {
    void apply(Span first, Span second, Span third);
  }

  static void walk(Tensor a, Tensor b, Tensor c, OfThree body) {
    if (a.rows() != b.rows()
        || a.cols() != b.cols()
        || a.rows() != c.rows()
        || a.cols() != c.cols()) {
      throw new IllegalArgumentException("shapes must agree: " + a + ", " + b + ", " + c);
    }
    Spans own = Spans.ofThread(); // new ones would be garbage: the body is not always inlined
    if (a.contiguous() && b.contiguous() && c.contiguous()) {
      body.apply(own.whole(0, a), own.whole(1, b), own.whole(2, c));
      return;
    }
    Span x = own.row(0, a);
    Span y = own.row(1, b);
    Span z = own.row(2, c);
    for (int i = 0; i < a.rows(); i++) {
      body.apply(x, y, z);
      x.advance(a.stride());
      y.advance(b.stride());
      z.advance(c.stride());
    }
  }

  /** A loop body over matching rows of five tensors. */
  interface OfFive {
    void apply(Span first, Span second, Span third, Span fourth, Span fifth);
  }

  static void walk(Tensor[] tensors, OfFive body) {
    Spans rows = Spans.ofThread();
    boolean adjacent = true;
    for (int t = 0; t < tensors.length; t++) {
      rows.row(t, tensors[t]);
      adjacent &= tensors[t].contiguous();
    }
    if (adjacent) {
      for (int t = 0; t < tensors.length; t++) {
        rows.whole(t, tensors[t]);
      }
    }
    for (int i = 0; i < (adjacent ? 1 : tensors[0].rows()); i++) {
      body.apply(rows.at(0), rows.at(1), rows.at(2), rows.at(3), rows.at(4));
      for (int t = 0; t < tensors.length; t++) {
        rows.at(t).advance(tensors[t].stride());
      }
    }
  }
}
