package org.lorica.tensor.cuda;

import java.util.Arrays;
import java.util.List;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Attending;
import org.lorica.tensor.AttendingGradient;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Norm;
import org.lorica.tensor.Precision;
import org.lorica.tensor.Product;
import org.lorica.tensor.Rotary;
import org.lorica.tensor.Tensor;

/**
 * Operations on one CUDA device: products by cuBLAS in float32, the rest by own kernels ({@code
 * kernels.cu}). Tensors live in the device's memory; every thread has its own stream, so what one
 * thread asks for is done in order, and the host waits only where it reads. All sums have a fixed
 * order.
 */
public final class CudaKernels implements Kernels {
  private final CudaDriver driver;
  private final ThreadLocal<Lane> lanes;
  private final RotaryAngles angles;

  CudaKernels(CudaDriver driver) {
    this.driver = driver;
    this.lanes = ThreadLocal.withInitial(() -> new Lane(driver));
    this.angles = new RotaryAngles(arena());
  }

  @Override
  public String name() {
    return "cuda";
  }

  /** The device in words. */
  public String description() {
    return driver.description();
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public Arena arena() {
    return new Arena(
        Precision.FLOAT32,
        (precision, elements) -> new DeviceBlock(driver, this::stream, elements));
  }

  /** What this thread works with. */
  Lane lane() {
    return lanes.get();
  }

  private CudaStream stream() {
    return lane().stream();
  }

  @Override
  public void finish() {
    stream().finish();
  }

  @Override
  public long peakDeviceBytes() {
    return driver.peak();
  }

  @Override
  public void gemm(double alpha, Tensor a, Tensor b, double beta, Tensor c) {
    Gemm gemm = Gemm.of(new Gemm.Factors((float) alpha, (float) beta), a, b, c);
    if (c.size() == 0) {
      return;
    }
    if (a.cols() == 0) {
      scale(beta, c);
      return;
    }
    stream().gemm(gemm, Arguments.address(a), Arguments.address(b), Arguments.address(c));
  }

  @Override
  public void gemmEach(double alpha, List<Product> products, double beta) {
    new ProductBatch(this).run(alpha, products, beta);
  }

  @Override
  public void attendEach(List<Attending> heads) {
    new AttentionBatch(this).attend(heads);
  }

  @Override
  public void attendGradientEach(List<AttendingGradient> heads, Arena arena) {
    new AttentionBatch(this).attendGradient(heads, arena);
  }

  @Override
  public void copyEach(List<Move> moves) {
    new MoveBatch(this).run("copyEach", moves);
  }

  @Override
  public void addEach(List<Move> moves) {
    new MoveBatch(this).run("addEach", moves);
  }

  @Override
  public void softmaxEach(List<Tensor> all) {
    new AttentionBatch(this).softmax(all);
  }

  @Override
  public void softmaxGradientEach(List<Move> all) {
    new AttentionBatch(this).softmaxGradient(all);
  }

  private void scale(double factor, Tensor x) {
    if (factor == 0) {
      fill(0, x);
    } else {
      elementwise("scale", arguments -> arguments.single(factor), x);
    }
  }

  private void elementwise(String kernel, Lane.Scalars scalars, Tensor... matrices) {
    lane().elementwise(kernel, scalars, matrices);
  }

  private void elementwise(String kernel, Tensor... matrices) {
    elementwise(kernel, Lane.Scalars.NONE, matrices);
  }

  private Arguments arguments() {
    return lane().arguments();
  }

  @Override
  public void addBias(Tensor bias, Tensor x) {
    lane().elements("addBias", arguments().view(bias).view(x), x);
  }

  @Override
  public void addBias(Tensor bias, Tensor x, Tensor y) {
    lane().elements("addBiasTo", arguments().view(bias).view(x).view(y), x);
  }

  @Override
  public void setRows(Tensor bias, Tensor x) {
    lane().elements("setRows", arguments().view(bias).view(x), x);
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    elementwise("axpy", arguments -> arguments.single(alpha), x, y);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    elementwise("copy", from, to);
  }

  @Override
  public void fill(double value, Tensor x) {
    elementwise("fill", arguments -> arguments.single(value), x);
  }

  @Override
  public void gelu(Tensor x, Tensor y) {
    elementwise("gelu", x, y);
  }

  @Override
  public void geluAndSlope(Tensor x, Tensor y) {
    elementwise("geluAndSlope", x, y);
  }

  @Override
  public void multiply(Tensor x, Tensor y) {
    elementwise("multiply", x, y);
  }

  @Override
  public void geluGradient(Tensor x, Tensor dy, Tensor dx) {
    elementwise("geluGradient", x, dy, dx);
  }

  @Override
  public void tanh(Tensor x, Tensor y) {
    elementwise("hyperbolicTangent", x, y);
  }

  @Override
  public void tanhGradient(Tensor y, Tensor dy, Tensor dx) {
    elementwise("tanhGradient", y, dy, dx);
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y) {
    elementwise("swiglu", gate, up, y);
  }

  @Override
  public void swigluGradient(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp) {
    elementwise("swigluGradient", gate, up, dy, dGate, dUp);
  }

  @Override
  public void swigluAndSlopes(Tensor gate, Tensor up, Tensor y, Tensor ofGate, Tensor ofUp) {
    elementwise("swigluAndSlopes", gate, up, y, ofGate, ofUp);
  }

  @Override
  public void softmax(int visible, int step, Tensor x) {
    lane().rows("softmax", arguments().view(x), x, all -> all.integer(visible).integer(step));
  }

  @Override
  public void softmaxGradient(Tensor p, Tensor dp) {
    lane().rows("softmaxGradient", arguments().view(p).view(dp), p, Lane.Scalars.NONE);
  }

  @Override
  public void normalise(Tensor x, Norm norm, Tensor y, Tensor stats) {
    Arguments all = arguments().view(x).view(norm.gamma());
    Lane.Scalars epsilon = more -> more.real(norm.epsilon());
    if (norm.centred()) {
      lane().rows("layerNorm", all.view(norm.beta()).view(y).view(stats), x, epsilon);
    } else {
      lane().rows("rmsNorm", all.view(y).view(stats), x, epsilon);
    }
  }

  @Override
  public void normGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    int centred = norm.centred() ? 1 : 0;
    Arguments all = arguments().view(x).view(norm.gamma()).view(stats).view(dy).view(dx);
    lane().rows("normGradient", all, x, more -> more.integer(centred));
  }

  @Override
  public void addEmbedding(Tensor table, int[] ids, Tensor y) {
    Lane lane = lane();
    long rows = lane.scratch().upload(Arrays.copyOf(ids, y.rows()));
    lane.elements("addEmbedding", lane.arguments().view(table).address(rows).view(y), y);
  }

  @Override
  public void rotary(Rotary rotary, int[] positions, Tensor x) {
    if (x.size() == 0) {
      return;
    }
    RotaryAngles.Table table = angles.upTo(rotary, positions);
    Lane lane = lane();
    Arguments all = lane.arguments().view(x);
    all.address(lane.scratch().upload(Arrays.copyOf(positions, x.rows())));
    all.address(Arguments.address(table.cosines())).address(Arguments.address(table.sines()));
    int half = rotary.headWidth() / 2;
    int pairs = x.cols() / 2;
    all.integer(x.rows()).integer(pairs).integer(half);
    all.single(rotary.direction() == Rotary.Direction.FORWARD ? 1 : -1);
    lane.stream().launch("rotary", Grid.elements(x.rows(), pairs), all);
  }

  @Override
  public void crossEntropy(Tensor logits, int[] targets, double[] losses, Tensor dLogits) {
    if (logits.rows() > 0) {
      new Reductions(lane()).crossEntropy(logits, targets, losses, dLogits);
    }
  }

  @Override
  public double squaredNorm(Tensor x) {
    return Arrays.stream(squaredNorms(x)).sum();
  }

  @Override
  public double[] squaredNorms(Tensor x) {
    return x.size() == 0 ? new double[x.rows()] : new Reductions(lane()).squaredNorms(x);
  }

  @Override
  public void scaleRows(double[] factors, Tensor x) {
    float[] rounded = new float[x.rows()];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) factors[i];
    }
    Lane lane = lane();
    long uploaded = lane.scratch().upload(rounded);
    lane.elements("scaleRows", lane.arguments().address(uploaded).view(x), x);
  }

  @Override
  public void transpose(Tensor from, Tensor to) {
    lane().elements("transpose", arguments().view(from).view(to), from);
  }

  @Override
  public void addWeightedRows(double[] factors, Tensor x, double[] sum) {
    if (x.size() > 0) {
      new Reductions(lane()).addWeightedRows(factors, x, sum);
    }
  }

  @Override
  public Inner inner(Tensor a, Tensor b) {
    return a.size() == 0 ? new Inner(0, 0) : new Reductions(lane()).inner(a, b);
  }
}
