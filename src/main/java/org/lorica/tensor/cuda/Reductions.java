package org.lorica.tensor.cuda;

import java.util.Arrays;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/** Sums in float64 over matrices that are not empty: the host waits for them. */
final class Reductions {
  private static final int STRETCH = 1 << 14; // elements of a row that one block sums

  private final Lane lane;
  private final Scratch scratch;

  Reductions(Lane lane) {
    this.lane = lane;
    this.scratch = lane.scratch();
  }

  void crossEntropy(Tensor logits, int[] targets, double[] losses, Tensor dLogits) {
    long wanted = scratch.upload(Arrays.copyOf(targets, logits.rows()));
    long found = reserve(logits.rows());
    Arguments all = lane.arguments().view(logits).address(wanted).address(found);
    if (dLogits == null) {
      all.absent();
    } else {
      all.view(dLogits);
    }
    lane.rows("crossEntropy", all, logits, Lane.Scalars.NONE);
    System.arraycopy(scratch.doubles(found, logits.rows()), 0, losses, 0, logits.rows());
  }

  double[] squaredNorms(Tensor x) {
    int parts = (x.cols() + STRETCH - 1) / STRETCH;
    long memory = reserve((long) x.rows() * parts);
    Arguments all = lane.arguments().view(x).address(memory);
    all.integer(x.rows()).integer(x.cols()).integer(STRETCH);
    Grid grid = Grid.rows(x.rows(), Math.min(x.cols(), STRETCH)).times(parts);
    lane.stream().launch("squaredNormParts", grid, all);
    double[] each = scratch.doubles(memory, x.rows() * parts);
    double[] squares = new double[x.rows()];
    for (int i = 0; i < each.length; i++) {
      squares[i / parts] += each[i];
    }
    return squares;
  }

  void addWeightedRows(double[] factors, Tensor x, double[] sum) {
    long weights = scratch.upload(factors);
    long memory = reserve(x.cols());
    Arguments all = lane.arguments().address(weights).view(x).address(memory);
    all.integer(factors.length).integer(x.cols());
    lane.stream().launch("weightedRows", Grid.elements(1, x.cols()), all);
    double[] added = scratch.doubles(memory, x.cols());
    for (int j = 0; j < sum.length; j++) {
      sum[j] += added[j];
    }
  }

  Kernels.Inner inner(Tensor a, Tensor b) {
    long memory = reserve(2L * a.rows());
    Arguments all = lane.arguments().view(a).view(b).address(memory);
    lane.rows("innerParts", all, a, Lane.Scalars.NONE);
    double[] parts = scratch.doubles(memory, 2 * a.rows());
    double sum = 0;
    double magnitudes = 0;
    for (int i = 0; i < parts.length; i += 2) {
      sum += parts[i];
      magnitudes += parts[i + 1];
    }
    return new Kernels.Inner(sum, magnitudes);
  }

  private long reserve(long doubles) {
    return scratch.reserve(doubles * Double.BYTES);
  }
}
