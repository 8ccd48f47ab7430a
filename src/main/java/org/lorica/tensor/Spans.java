package org.lorica.tensor;

import org.lorica.tensor.vector.Span;

/** One thread's windows for loops over rows, placed anew by every operation. */
final class Spans {
  private static final int MOST = 5; // matrices of one operation
  private static final ThreadLocal<Spans> OWN = ThreadLocal.withInitial(Spans::new);

  private final Span[] spans = new Span[MOST];

  private Spans() {
    for (int i = 0; i < MOST; i++) {
      spans[i] = new Span();
    }
  }

  static Spans ofThread() {
    return OWN.get();
  }

  /** The i-th window. */
  Span at(int i) {
    return spans[i];
  }

  /** The i-th window, on the first row. */
  Span row(int i, Tensor t) {
    if (t.transposed()) {
      throw new IllegalArgumentException("only gemm takes transposed views");
    }
    spans[i].set(t.bytes(), t.byteOffset(), t.cols());
    return spans[i];
  }

  /** The i-th window, on all elements, which are adjacent. */
  Span whole(int i, Tensor t) {
    spans[i].set(t.bytes(), t.byteOffset(), t.size());
    return spans[i];
  }
}
