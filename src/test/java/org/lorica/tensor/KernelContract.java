package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every fast kernel set owes: the results of the plain twin in float64, on contiguous and on
 * strided views, and nothing written outside of them.
 */
public abstract class KernelContract extends KernelPairs {
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
                new AttendingGradient.Attended(in, p[i], dContext[i]),
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
    both((k, i) -> k.normalise(x[i], new Norm(gamma[i], beta[i], 1e-12), out[i], stats[i]));
    same(out, 1e-5);
    both(
        (k, i) ->
            k.normGradient(x[i], new Norm(gamma[i], beta[i], 1e-12), stats[i], dy[i], out[i]));
    same(out, 1e-5);
    both((k, i) -> k.normalise(x[i], new Norm(gamma[i], null, 1e-5), out[i], stats[i]));
    same(out, 1e-5);
    both((k, i) -> k.normGradient(x[i], new Norm(gamma[i], null, 1e-5), stats[i], dy[i], out[i]));
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
    RotaryScaling llama3 = new RotaryScaling.Llama3(8, 1, 4, 100);
    for (RotaryScaling scaling : List.of(RotaryScaling.NONE, llama3)) {
      Rotary rotary = new Rotary(headWidth, 10_000, scaling, Rotary.Direction.FORWARD);
      both((k, i) -> k.rotary(rotary, positions, x[i]));
      same(x, 1e-4);
      both((k, i) -> k.rotary(rotary.inverse(), positions, x[i]));
      same(new Tensor[] {x[0], before[1]}, 1e-4);
    }
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

  /**
   * The clip's bound rests on it: a long row's small errors add up, and in float they have one
   * sign.
   */
  @ParameterizedTest(name = "a million times {0}")
  @ValueSource(floats = {1.1f, 3.3e-7f, 1e-25f, 1e30f})
  void squaredNormsLoseNothingInLongRowsAndAtTheEndsOfTheRange(float value) {
    Tensor row = fast().arena().allocate(1, 1_000_003);
    fast().fill(value, row);
    double expected = 1_000_003.0 * value * value;
    assertThat(fast().squaredNorm(row) / expected).isCloseTo(1, Offset.offset(1e-12));
    assertThat(fast().squaredNorms(row)[0] / expected).isCloseTo(1, Offset.offset(1e-12));
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
