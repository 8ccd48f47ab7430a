package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every fast kernel set owes where many matrices, or all rows of one, are a single call. */
public abstract class BatchContract extends KernelPairs {
  /**
   * Two query heads share each key head; examples are of three lengths, one of them with fewer
   * queries.
   */
  @ParameterizedTest(name = "visible from {0}, step {1}")
  @CsvSource({"1, 1", "1000, 0"})
  void attentionOfManyHeadsAndItsGradientAgree(int visible, int step) {
    Pair pair = new Pair(4);
    int width = 8;
    AttentionHead.Scores scores = new AttentionHead.Scores(1 / Math.sqrt(width), visible, step);
    List<List<Attending>> forward = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<AttendingGradient>> backward = List.of(new ArrayList<>(), new ArrayList<>());
    List<Tensor[]> results = new ArrayList<>();
    for (int length : new int[] {5, 9, 5, 40}) {
      int queries = length == 40 ? 3 : length;
      Tensor[] q = pair.gaussian(queries, 4 * width, 1);
      Tensor[] k = pair.gaussian(length, 2 * width, 1);
      Tensor[] v = pair.gaussian(length, 2 * width, 1);
      Tensor[] dq = pair.gaussian(queries, 4 * width, 1);
      Tensor[] dk = pair.gaussian(length, 2 * width, 1);
      Tensor[] dv = pair.gaussian(length, 2 * width, 1);
      Tensor[] context = pair.gaussian(queries, 4 * width, 1);
      Tensor[] dContext = pair.gaussian(queries, 4 * width, 1);
      Tensor[] p = pair.gaussian(4 * queries, length, 1);
      results.addAll(List.of(context, dq, dk, dv, p));
      for (int h = 0; h < 4; h++) {
        for (int i = 0; i < 2; i++) {
          AttentionHead in = head(q[i], k[i], v[i], h, width);
          Tensor own = p[i].rows(h * queries, queries);
          Tensor to = context[i].cols(h * width, width);
          forward.get(i).add(new Attending(scores, in, own, to));
          AttendingGradient.Attended attended =
              new AttendingGradient.Attended(in, own, dContext[i].cols(h * width, width));
          AttentionHead d = head(dq[i], dk[i], dv[i], h, width);
          backward.get(i).add(new AttendingGradient(scores, attended, d, h % 2));
        }
      }
    }
    both((kernels, i) -> kernels.attendEach(forward.get(i)));
    both(
        (kernels, i) ->
            kernels.attendGradientEach(
                backward.get(i), i == 0 ? fast().arena() : new Arena(Precision.FLOAT64)));
    results.forEach(result -> same(result, 1e-4));
    pair.marginsAreUntouched();
  }

  private static AttentionHead head(Tensor q, Tensor k, Tensor v, int h, int width) {
    int shared = h / 2 * width;
    return new AttentionHead(
        q.cols(h * width, width), k.cols(shared, width), v.cols(shared, width));
  }

  @ParameterizedTest(name = "{0} x {1}, padding {2}")
  @CsvSource({"1, 1, 0", "3, 7, 4", "5, 40000, 0"})
  void sumsOverRowsAgree(int rows, int cols, int padding) {
    Pair pair = new Pair(padding);
    Tensor[] x = pair.gaussian(rows, cols, 1);
    Tensor[] y = pair.gaussian(rows, cols, 1);
    double[] squares = fast().squaredNorms(x[0]);
    double[] expected = PLAIN.squaredNorms(x[1]);
    for (int i = 0; i < rows; i++) {
      assertThat(squares[i] / expected[i]).isCloseTo(1, Offset.offset(1e-5));
    }
    Kernels.Inner inner = fast().inner(x[0], y[0]);
    Kernels.Inner exact = PLAIN.inner(x[1], y[1]);
    assertThat(inner.magnitudes() / exact.magnitudes()).isCloseTo(1, Offset.offset(1e-5));
    assertThat(inner.sum()).isCloseTo(exact.sum(), Offset.offset(1e-5 * exact.magnitudes()));
    Tensor[] turned = pair.gaussian(cols, rows, 1);
    both((k, i) -> k.transpose(x[i], turned[i]));
    same(turned, 0);
    pair.marginsAreUntouched();
  }

  @Test
  void weightedRowsAddUpAndRowsOfWeightZeroDoNotCount() {
    Pair pair = new Pair(0);
    Tensor x = pair.gaussian(4, 50, 1)[0];
    x.set(2, 7, Double.NaN);
    double[] factors = {0.5, -2, 0, 1};
    double[] sum = new Random(SEED).doubles(50).toArray();
    double[] expected = sum.clone();
    for (int i : new int[] {0, 1, 3}) {
      for (int j = 0; j < 50; j++) {
        expected[j] += factors[i] * x.at(i, j);
      }
    }
    fast().addWeightedRows(factors, x, sum);
    assertThat(sum).containsExactly(expected, Offset.offset(1e-12));
  }

  @Test
  void manyProductsAreTheProductsOneByOne() {
    Pair pair = new Pair(5);
    List<List<Product>> products = List.of(new ArrayList<>(), new ArrayList<>());
    List<Tensor[]> results = new ArrayList<>();
    for (int e = 0; e < 7; e++) {
      int rows = e < 5 ? 6 : 9 + e; // two shapes that others share, and two of their own
      Tensor[] a = pair.gaussian(rows, 3 + e % 2, 1);
      Tensor[] b = pair.gaussian(rows, 8, 1);
      Tensor[] c = pair.gaussian(3 + e % 2, 8, 1);
      results.add(c);
      for (int i = 0; i < 2; i++) {
        products.get(i).add(new Product(a[i].t(), b[i], c[i]));
      }
    }
    both((k, i) -> k.gemmEach(0.7, products.get(i), 0));
    both((k, i) -> k.gemmEach(-0.3, products.get(i), 1));
    results.forEach(c -> same(c, 1e-5));
    pair.marginsAreUntouched();
  }

  @Test
  void manyMovesAndSoftmaxesAreThoseOneByOne() {
    Pair pair = new Pair(3);
    List<List<Move>> moves = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<Tensor>> scores = List.of(new ArrayList<>(), new ArrayList<>());
    List<Tensor[]> results = new ArrayList<>();
    for (int e = 0; e < 5; e++) {
      Tensor[] from = pair.gaussian(1 + e, 7 + 40 * e, 1);
      Tensor[] to = pair.gaussian(1 + e, 7 + 40 * e, 1);
      results.addAll(List.of(from, to));
      for (int i = 0; i < 2; i++) {
        moves.get(i).add(new Move(from[i], to[i]));
        scores.get(i).add(from[i]);
      }
    }
    both((k, i) -> k.addEach(moves.get(i)));
    results.forEach(result -> same(result, 1e-6));
    both((k, i) -> k.softmaxEach(scores.get(i)));
    both((k, i) -> k.softmaxGradientEach(moves.get(i)));
    results.forEach(result -> same(result, 1e-5));
    both((k, i) -> k.copyEach(moves.get(i)));
    results.forEach(result -> same(result, 1e-5));
    pair.marginsAreUntouched();
  }
}
