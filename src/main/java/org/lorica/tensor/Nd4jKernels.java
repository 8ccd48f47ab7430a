package org.lorica.tensor;

import static org.nd4j.linalg.ops.transforms.Transforms.exp;
import static org.nd4j.linalg.ops.transforms.Transforms.log;
import static org.nd4j.linalg.ops.transforms.Transforms.sqrt;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Every operation in plain ND4J: slow, short and the reference that the fast kernels are tested
 * against. In {@link Precision#FLOAT64} it is exact enough for finite differences.
 *
 * <p>Inputs are copied before anything is computed, because several of ND4J's element-wise
 * functions write over their argument; strided views are only ever read by copy and written by
 * assignment.
 */
public final class Nd4jKernels implements Kernels {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);

  private final Precision precision;

  public Nd4jKernels(Precision precision) {
    this.precision = precision;
  }

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void gemm(double alpha, Tensor a, Tensor b, double beta, Tensor c) {
    if (a.cols() != b.rows() || a.rows() != c.rows() || b.cols() != c.cols()) {
      throw new IllegalArgumentException("gemm: shapes disagree: " + a + " · " + b + " -> " + c);
    }
    if (c.size() == 0) {
      return;
    }
    INDArray product =
        a.cols() == 0
            ? zerosLike(c)
            : read(a).mmul(read(b)).muli(alpha); // ND4J has no a of 0 columns
    c.array().assign(beta == 0 ? product : read(c).muli(beta).addi(product));
  }

  @Override
  public void addBias(Tensor bias, Tensor x) {
    write(x, () -> read(x).add(read(bias)));
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    write(y, () -> read(y).addi(read(x).muli(alpha)));
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    write(to, () -> read(from));
  }

  @Override
  public void fill(double value, Tensor x) {
    write(x, () -> zerosLike(x).addi(value));
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    write(y, () -> read(x).muli(normalCdf(read(x))));
  }

  @Override
  public void geluGradient(Tensor x, Tensor dy, Tensor dx) {
    write(dx, () -> geluSlope(read(x)).muli(read(dy)));
  }

  @Override
  public void geluAndSlope(Tensor x, Tensor y) {
    gelu(x, y);
    write(x, () -> geluSlope(read(x)));
  }

  @Override
  public void multiply(Tensor x, Tensor y) {
    write(y, () -> read(y).muli(read(x)));
  }

  private static INDArray geluSlope(INDArray z) {
    INDArray density = exp(z.mul(z).muli(-0.5), true).muli(DENSITY_AT_ZERO);
    return normalCdf(z).addi(z.mul(density));
  }

  /** Φ of every element. */
  private static INDArray normalCdf(INDArray x) {
    return Nd4j.math().erf(x.mul(SQRT_HALF)).addi(1).muli(0.5);
  }

  @Override
  public void tanh(Tensor x, Tensor y) {
    write(y, () -> Transforms.tanh(read(x), true));
  }

  @Override
  public void tanhGradient(Tensor y, Tensor dy, Tensor dx) {
    write(dx, () -> read(y).muli(read(y)).rsubi(1).muli(read(dy)));
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y) {
    write(y, () -> read(gate).muli(logistic(read(gate))).muli(read(up)));
  }

  @Override
  public void swigluGradient(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp) {
    if (gate.size() == 0) {
      return;
    }
    INDArray z = read(gate);
    INDArray s = logistic(z);
    INDArray slope = s.mul(s.rsub(1).muli(z).addi(1)); // σ(1 + z(1 − σ))
    INDArray forGate = slope.muli(read(up)).muli(read(dy));
    dUp.array().assign(z.mul(s).muli(read(dy)));
    dGate.array().assign(forGate);
  }

  private static INDArray logistic(INDArray z) {
    return exp(z.neg(), true).addi(1).rdivi(1);
  }

  @Override
  public void softmax(int visible, int step, Tensor x) {
    write(
        x,
        () -> {
          INDArray hidden = Nd4j.create(type(), x.rows(), x.cols());
          for (int i = 0; i < x.rows(); i++) {
            for (int j = Math.min(x.cols(), visible + i * step); j < x.cols(); j++) {
              hidden.putScalar(i, j, Double.NEGATIVE_INFINITY);
            }
          }
          INDArray z = read(x).addi(hidden);
          INDArray e = exp(z.sub(z.max(true, 1)), true);
          return e.div(e.sum(true, 1));
        });
  }

  @Override
  public void softmaxGradient(Tensor p, Tensor dp) {
    write(
        dp,
        () -> {
          INDArray weighted = read(p).muli(read(dp));
          return read(p).muli(read(dp).sub(weighted.sum(true, 1)));
        });
  }

  @Override
  public void normalise(Tensor x, Norm norm, Tensor y, Tensor stats) {
    if (x.size() == 0) {
      return;
    }
    INDArray values = read(x);
    INDArray mean = norm.centred() ? values.mean(true, 1) : Nd4j.zeros(type(), x.rows(), 1);
    INDArray centred = values.sub(mean);
    INDArray scale = inverseRoot(centred.mul(centred).mean(true, 1), norm.epsilon());
    INDArray scaled = centred.mul(scale).mul(read(norm.gamma()));
    y.array().assign(norm.centred() ? scaled.add(read(norm.beta())) : scaled);
    stats.cols(0, 1).array().assign(mean);
    stats.cols(1, 1).array().assign(scale);
  }

  @Override
  public void normGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    write(
        dx,
        () -> {
          INDArray scale = read(stats.cols(1, 1));
          INDArray normed = read(x).sub(read(stats.cols(0, 1))).mul(scale);
          INDArray g = read(dy).mul(read(norm.gamma()));
          INDArray along = normed.mul(g.mul(normed).mean(true, 1));
          return (norm.centred() ? g.sub(g.mean(true, 1)) : g).sub(along).mul(scale);
        });
  }

  private static INDArray inverseRoot(INDArray meanSquare, double epsilon) {
    return sqrt(meanSquare.add(epsilon), true).rdivi(1);
  }

  @Override
  public void addEmbedding(Tensor table, int[] ids, Tensor y) {
    int[] rows = new int[y.rows()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Objects.checkIndex(ids[i], table.rows()); // ND4J reads what lies there
    }
    write(y, () -> read(y).addi(table.array().getRows(rows)));
  }

  @Override
  public void rotary(Rotary rotary, int[] positions, Tensor x) {
    if (x.size() == 0) {
      return;
    }
    int half = rotary.headWidth() / 2;
    double sign = rotary.direction() == Rotary.Direction.FORWARD ? 1 : -1;
    double[][] cosines = new double[x.rows()][half];
    double[][] sines = new double[x.rows()][half];
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < half; j++) {
        double angle = positions[i] * rotary.frequency(j);
        cosines[i][j] = Math.cos(angle);
        sines[i][j] = sign * Math.sin(angle);
      }
    }
    INDArray cos = Nd4j.createFromArray(cosines).castTo(type());
    INDArray sin = Nd4j.createFromArray(sines).castTo(type());
    for (int head = 0; head < x.cols(); head += rotary.headWidth()) {
      INDArray first = read(x.cols(head, half));
      INDArray second = read(x.cols(head + half, half));
      x.cols(head, half).array().assign(first.mul(cos).subi(second.mul(sin)));
      x.cols(head + half, half).array().assign(second.mul(cos).addi(first.mul(sin)));
    }
  }

  @Override
  public void crossEntropy(Tensor logits, int[] targets, double[] losses, Tensor dLogits) {
    if (logits.rows() == 0) {
      return;
    }
    INDArray z = read(logits).sub(read(logits).max(true, 1));
    INDArray e = exp(z, true);
    INDArray sum = e.sum(true, 1);
    INDArray logSum = log(sum, true);
    INDArray gradient = e.div(sum);
    for (int i = 0; i < logits.rows(); i++) {
      int target = targets[i];
      if (target < 0) {
        losses[i] = 0;
        gradient.getRow(i).assign(0);
      } else {
        losses[i] = logSum.getDouble(i, 0) - z.getDouble(i, target);
        gradient.putScalar(i, target, gradient.getDouble(i, target) - 1);
      }
    }
    if (dLogits != null) {
      dLogits.array().assign(gradient);
    }
  }

  @Override
  public double squaredNorm(Tensor x) {
    if (x.size() == 0) {
      return 0;
    }
    INDArray values = read(x).castTo(DataType.DOUBLE);
    return values.mul(values).sumNumber().doubleValue();
  }

  @Override
  public void scaleRows(double[] factors, Tensor x) {
    write(
        x,
        () ->
            read(x)
                .mul(
                    Nd4j.createFromArray(Arrays.copyOf(factors, x.rows()))
                        .castTo(type())
                        .reshape(-1, 1)));
  }

  private DataType type() {
    return precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
  }

  private static INDArray read(Tensor x) {
    return x.array().dup('c');
  }

  private INDArray zerosLike(Tensor x) {
    return Nd4j.create(type(), x.rows(), x.cols());
  }

  private static void write(Tensor to, Supplier<INDArray> values) {
    if (to.size() > 0) {
      to.array().assign(values.get());
    }
  }
}
