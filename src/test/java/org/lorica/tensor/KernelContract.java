package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every fast kernel set owes: the results of the plain twin in float64, on contiguous and on
 * strided views, and nothing written outside of them.
 */
public abstract class KernelContract {
  private static final long SEED = 20261121;
  private static final float OUTSIDE = 777;
  private static final Kernels PLAIN = new Nd4jKernels(Precision.FLOAT64);

  /** The set under test, in float32. */
  protected abstract Kernels fast();

  /** The same values in both precisions; a third of the cases are views into wider tensors. */
  private final class Pair {
    private final Arena fastArena = fast().arena();
    private final Arena plainArena = new Arena(Precision.FLOAT64);
    private final Random random = new Random(SEED);
    private final List<Tensor> margins = new ArrayList<>();
    private final int padding;

    Pair(int padding) {
      this.padding = padding;
    }

    Tensor[] gaussian(int rows, int cols, double scale) {
      Tensor wide = fastArena.allocate(rows, cols + padding);
      float[] outside = new float[wide.size()];
      Arrays.fill(outside, OUTSIDE);
      wide.write(outside, 0);
      margins.add(wide.cols(0, padding / 2));
      margins.add(wide.cols(padding / 2 + cols, padding - padding / 2));
      Tensor fast = wide.cols(padding / 2, cols);
      Tensor plain = plainArena.allocate(rows, cols + padding).cols(padding / 2, cols);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          float value = (float) (random.nextGaussian() * scale);
          fast.set(i, j, value);
          plain.set(i, j, value);
        }
      }
      return new Tensor[] {fast, plain};
    }

    void marginsAreUntouched() {
      for (Tensor margin : margins) {
        for (int i = 0; i < margin.rows(); i++) {
          for (int j = 0; j < margin.cols(); j++) {
            assertThat(margin.at(i, j)).isEqualTo(OUTSIDE);
          }
        }
      }
    }
  }

  private static void same(Tensor[] pair, double tolerance) {
    for (int i = 0; i < pair[0].rows(); i++) {
      double scale = 1e-3;
      for (int j = 0; j < pair[0].cols(); j++) {
        scale = Math.max(scale, Math.abs(pair[1].at(i, j)));
      }
      for (int j = 0; j < pair[0].cols(); j++) {
        assertThat(pair[0].at(i, j))
            .as("[%d, %d]", i, j)
            .isCloseTo(pair[1].at(i, j), Offset.offset(tolerance * scale));
      }
    }
  }

  private void both(BiConsumer<Kernels, Integer> operation) {
    operation.accept(fast(), 0);
    operation.accept(PLAIN, 1);
  }

  @ParameterizedTest(name = "{0} x {1}, padding {2}, scale {3}")
  @CsvSource({
    "1, 1, 0, 1",
    "3, 7, 0, 1",
    "5, 8, 4, 1",
    "4, 33, 6, 3",
    "2, 64, 0, 20",
    "3, 100, 2, 1e-4"
  })
  void elementwiseAndRowOperationsAgree(int rows, int cols, int padding, double scale) {
    System.out.println("seed " + SEED);
    Pair pair = new Pair(padding);
    Tensor[] x = pair.gaussian(rows, cols, scale);
    Tensor[] y = pair.gaussian(rows, cols, scale);
    Tensor[] z = pair.gaussian(rows, cols, 1);
    Tensor[] out = pair.gaussian(rows, cols, 1);
    Tensor[] out2 = pair.gaussian(rows, cols, 1);
    both((k, i) -> k.gelu(x[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.geluGradient(x[i], y[i], out[i]));
    same(out, 1e-5);
    Tensor[] bent = pair.gaussian(rows, cols, scale);
    both((k, i) -> k.copy(x[i], bent[i]));
    both((k, i) -> k.geluAndSlope(bent[i], out2[i]));
    both((k, i) -> k.multiply(y[i], bent[i]));
    same(bent, 1e-5);
    assertThat(bent[0].at(0, 0)).isCloseTo(out[0].at(0, 0), Offset.offset(1e-5 * scale));
    both((k, i) -> k.gelu(x[i], out[i]));
    assertThat(out2[0].at(rows - 1, cols - 1)).isEqualTo(out[0].at(rows - 1, cols - 1));
    both((k, i) -> k.tanh(x[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.tanhGradient(out[i], y[i], out2[i]));
    same(out2, 1e-5);
    both((k, i) -> k.swiglu(x[i], y[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.swigluGradient(x[i], y[i], z[i], out[i], out2[i]));
    same(out, 1e-5);
    same(out2, 1e-5);
    Tensor[] gated = pair.gaussian(rows, cols, 1);
    both((k, i) -> k.swigluAndSlopes(x[i], y[i], gated[i], out[i], out2[i]));
    same(gated, 1e-5);
    same(out, 1e-5);
    same(out2, 1e-5);
    both((k, i) -> k.copy(x[i], out[i]));
    both((k, i) -> k.axpy(0.3, y[i], out[i]));
    Tensor[] bias = pair.gaussian(1, cols, scale);
    both((k, i) -> k.addBias(bias[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.addBias(bias[i], x[i], out2[i]));
    same(out2, 1e-5);
    both((k, i) -> k.setRows(bias[i], out2[i]));
    same(out2, 1e-7);
    double[] factors = new Random(SEED).doubles(rows).toArray();
    both((k, i) -> k.scaleRows(factors, out[i]));
    same(out, 1e-5);
    assertThat(fast().squaredNorm(out[0]) / PLAIN.squaredNorm(out[1]))
        .isCloseTo(1, Offset.offset(1e-5));
    pair.marginsAreUntouched();
  }

  @ParameterizedTest(name = "{0} x {1}, padding {2}, visible {3}, step {4}, scale {5}")
  @CsvSource({
    "4, 4, 0, 1, 1, 1",
    "9, 17, 3, 12, 0, 1",
    "8, 8, 8, 8, 0, 40",
    "5, 5, 0, 1, 1, 200",
    "3, 700, 2, 600, 1, 1"
  })
  void softmaxAgrees(int rows, int cols, int padding, int visible, int step, double scale) {
    Pair pair = new Pair(padding);
    Tensor[] p = pair.gaussian(rows, cols, scale);
    Tensor[] dp = pair.gaussian(rows, cols, 1);
    both((k, i) -> k.softmax(visible, step, p[i]));
    same(p, 1e-5);
    both((k, i) -> k.softmaxGradient(p[i], dp[i]));
    same(dp, 1e-4);
    pair.marginsAreUntouched();
  }

  @ParameterizedTest(name = "heads of {0}")
  @CsvSource({"8", "16"})
  void whatIsNotANumberIsNotHidden(int width) {
    for (double broken : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Pair pair = new Pair(0);
      Tensor q = pair.gaussian(40, width, 1)[0];
      Tensor k = pair.gaussian(40, width, 1)[0];
      Tensor v = pair.gaussian(40, width, 1)[0];
      Tensor p = pair.gaussian(40, 40, 1)[0];
      Tensor context = pair.gaussian(40, width, 1)[0];
      k.set(20, 3, broken);
      fast().attend(new AttentionHead.Scores(1, 40, 0), new AttentionHead(q, k, v), p, context);
      for (int i = 0; i < 40; i++) {
        if (Double.isNaN(broken) || q.at(i, 3) > 0) {
          assertThat(context.at(i, 0)).isNaN();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} queries, {1} keys, width {2}, visible {3}, step {4}")
  @CsvSource({
    "5, 5, 4, 1, 1",
    "33, 33, 16, 33, 0",
    "1, 40, 8, 40, 0",
    "20, 20, 8, 1, 1",
    "64, 64, 8, 1, 1",
    "37, 37, 8, 37, 0",
    "16, 90, 8, 75, 1",
    "50, 47, 8, 30, 0"
  })
  void attentionAndItsGradientAgree(int queries, int keys, int width, int visible, int step) {
    Pair pair = new Pair(6);
    AttentionHead.Scores scores = new AttentionHead.Scores(1 / Math.sqrt(width), visible, step);
    Tensor[] q = pair.gaussian(queries, width, 1);
    Tensor[] k = pair.gaussian(keys, width, 1);
    Tensor[] v = pair.gaussian(keys, width, 1);
    Tensor[] p = new Pair(0).gaussian(queries, keys, 1);
    Tensor[] ds = pair.gaussian(queries, keys, 1);
    Tensor[] context = pair.gaussian(queries, width, 1);
    Tensor[] dContext = pair.gaussian(queries, width, 1);
    Tensor[] dq = pair.gaussian(queries, width, 1);
    Tensor[] dk = pair.gaussian(keys, width, 1);
    Tensor[] dv = pair.gaussian(keys, width, 1);
    for (int keep = 0; keep < 2; keep++) {
      int kept = keep;
      both(
          (kernels, i) -> {
            AttentionHead in = new AttentionHead(q[i], k[i], v[i]);
            kernels.attend(scores, in, p[i], context[i]);
            kernels.attendGradient(
                scores,
                new Kernels.Attended(in, p[i], dContext[i]),
                ds[i],
                new AttentionHead(dq[i], dk[i], dv[i]),
                kept);
          });
      same(context, 1e-5);
      same(dq, 1e-4);
      same(dk, 1e-4);
      same(dv, 1e-4);
    }
    pair.marginsAreUntouched();
  }

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
    List<List<Kernels.Attending>> forward = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<Kernels.AttendingGradient>> backward = List.of(new ArrayList<>(), new ArrayList<>());
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
          forward.get(i).add(new Kernels.Attending(scores, in, own, to));
          Kernels.Attended attended =
              new Kernels.Attended(in, own, dContext[i].cols(h * width, width));
          AttentionHead d = head(dq[i], dk[i], dv[i], h, width);
          backward.get(i).add(new Kernels.AttendingGradient(scores, attended, d, h % 2));
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
  @CsvSource({"1, 4, 0", "6, 33, 0", "3, 96, 4", "3, 700, 5"})
  void normsAgree(int rows, int cols, int padding) {
    Pair pair = new Pair(padding);
    Tensor[] x = pair.gaussian(rows, cols, 2);
    Tensor[] dy = pair.gaussian(rows, cols, 1);
    Tensor[] gamma = pair.gaussian(1, cols, 1);
    Tensor[] beta = pair.gaussian(1, cols, 1);
    Tensor[] out = pair.gaussian(rows, cols, 1);
    Tensor[] stats = new Pair(0).gaussian(rows, 2, 1);
    both((k, i) -> k.layerNorm(x[i], new Norm(gamma[i], beta[i], 1e-12), out[i], stats[i]));
    same(out, 1e-5);
    both(
        (k, i) ->
            k.layerNormGradient(x[i], new Norm(gamma[i], beta[i], 1e-12), stats[i], dy[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.rmsNorm(x[i], new Norm(gamma[i], null, 1e-5), out[i], stats[i]));
    same(out, 1e-5);
    both(
        (k, i) -> k.rmsNormGradient(x[i], new Norm(gamma[i], null, 1e-5), stats[i], dy[i], out[i]));
    same(out, 1e-5);
    pair.marginsAreUntouched();
  }

  @ParameterizedTest(name = "m {0}, n {1}, k {2}, padding {3}")
  @CsvSource({"1, 1, 1, 0", "3, 5, 7, 0", "16, 9, 33, 5", "40, 64, 24, 8", "1, 8, 3, 2"})
  void productsAgreeForAllTranspositions(int m, int n, int k, int padding) {
    Pair pair = new Pair(padding);
    Tensor[] a = pair.gaussian(m, k, 1);
    Tensor[] at = pair.gaussian(k, m, 1);
    Tensor[] b = pair.gaussian(k, n, 1);
    Tensor[] bt = pair.gaussian(n, k, 1);
    Tensor[] c = pair.gaussian(m, n, 1);
    both((kernels, i) -> kernels.gemm(1, a[i], b[i], 0, c[i]));
    same(c, 1e-5);
    both((kernels, i) -> kernels.gemm(0.5, at[i].t(), b[i], 1, c[i]));
    same(c, 1e-5);
    both((kernels, i) -> kernels.gemm(-2, a[i], bt[i].t(), 0.25, c[i]));
    same(c, 1e-5);
    both((kernels, i) -> kernels.gemm(1, at[i].t(), bt[i].t(), 1, c[i]));
    same(c, 1e-5);
    pair.marginsAreUntouched();
  }

  @ParameterizedTest(name = "heads of {0}, {1} wide, padding {2}")
  @CsvSource({
    "8, 64, 0",
    "8, 24, 6",
    "4, 20, 0",
    "6, 18, 2",
    "16, 32, 0",
    "64, 128, 4",
    "48, 96, 0"
  })
  void rotationsAgreeAndUndoEachOther(int headWidth, int cols, int padding) {
    Pair pair = new Pair(padding);
    Tensor[] x = pair.gaussian(5, cols, 1);
    Tensor[] before = pair.gaussian(5, cols, 1);
    both((k, i) -> k.copy(x[i], before[i]));
    int[] positions = {0, 1, 2, 50, 400};
    Rotary rotary = new Rotary(headWidth, 10_000, Rotary.Direction.FORWARD);
    both((k, i) -> k.rotary(rotary, positions, x[i]));
    same(x, 1e-4);
    both((k, i) -> k.rotary(rotary.inverse(), positions, x[i]));
    same(new Tensor[] {x[0], before[1]}, 1e-4);
    pair.marginsAreUntouched();
  }

  @ParameterizedTest(name = "padding {0}")
  @CsvSource({"0", "3"})
  void lookupsRotationsAndLossesAgree(int padding) {
    Pair pair = new Pair(padding);
    Tensor[] table = pair.gaussian(11, 24, 1);
    Tensor[] x = pair.gaussian(5, 24, 1);
    int[] ids = {0, 10, 3, 3, 7};
    both((k, i) -> k.addEmbedding(table[i], ids, x[i]));
    same(x, 1e-6);
    Rotary rotary = new Rotary(8, 10_000, Rotary.Direction.FORWARD);
    both((k, i) -> k.rotary(rotary, new int[] {0, 1, 2, 50, 400}, x[i]));
    same(x, 1e-4);
    both((k, i) -> k.rotary(rotary.inverse(), new int[] {0, 1, 2, 50, 400}, x[i]));
    same(x, 1e-4);
    Tensor[] gradient = pair.gaussian(5, 24, 1);
    int[] targets = {23, 0, -1, 5, 5};
    double[][] losses = new double[2][5];
    both((k, i) -> k.crossEntropy(x[i], targets, losses[i], gradient[i]));
    same(gradient, 1e-5);
    for (int i = 0; i < 5; i++) {
      assertThat(losses[0][i]).isCloseTo(losses[1][i], Offset.offset(1e-5));
    }
    assertThat(losses[0][2]).isZero();
    pair.marginsAreUntouched();
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

  /** Gradients may be written over their logits, as the language models have it. */
  @ParameterizedTest(name = "{0} classes")
  @ValueSource(ints = {3, 40, 1000})
  void lossesAgreeWhereGradientsReplaceTheLogits(int classes) {
    Pair pair = new Pair(0);
    for (int repeat = 0; repeat < 3; repeat++) {
      Tensor[] x = pair.gaussian(4, classes, 3);
      int[] targets = {classes - 1, -1, 0, classes / 2};
      double[][] losses = new double[2][4];
      both((k, i) -> k.crossEntropy(x[i], targets, losses[i], x[i]));
      same(x, 1e-5);
      for (int i = 0; i < 4; i++) {
        assertThat(losses[0][i]).isCloseTo(losses[1][i], Offset.offset(1e-5));
      }
    }
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
    List<List<Kernels.Product>> products = List.of(new ArrayList<>(), new ArrayList<>());
    List<Tensor[]> results = new ArrayList<>();
    for (int e = 0; e < 7; e++) {
      int rows = e < 5 ? 6 : 9 + e; // two shapes that others share, and two of their own
      Tensor[] a = pair.gaussian(rows, 3 + e % 2, 1);
      Tensor[] b = pair.gaussian(rows, 8, 1);
      Tensor[] c = pair.gaussian(3 + e % 2, 8, 1);
      results.add(c);
      for (int i = 0; i < 2; i++) {
        products.get(i).add(new Kernels.Product(a[i].t(), b[i], c[i]));
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
    List<List<Kernels.Move>> moves = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<Tensor>> scores = List.of(new ArrayList<>(), new ArrayList<>());
    List<Tensor[]> results = new ArrayList<>();
    for (int e = 0; e < 5; e++) {
      Tensor[] from = pair.gaussian(1 + e, 7 + 40 * e, 1);
      Tensor[] to = pair.gaussian(1 + e, 7 + 40 * e, 1);
      results.addAll(List.of(from, to));
      for (int i = 0; i < 2; i++) {
        moves.get(i).add(new Kernels.Move(from[i], to[i]));
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

  @Test
  void nothingIsDoneToMatricesWithoutElements() {
    Tensor empty = fast().arena().allocate(0, 8);
    Tensor none = fast().arena().allocate(3, 0);
    fast().gelu(empty, empty);
    fast().softmax(1, 1, none);
    fast().fill(1, empty);
    fast().scaleRows(new double[3], none);
    Tensor c = fast().arena().allocate(3, 8);
    fast().fill(2, c);
    fast().gemm(1, none, empty, 0.5, c);
    assertThat(c.toFloats()).containsOnly(1);
    assertThat(fast().squaredNorm(empty)).isZero();
  }
}
