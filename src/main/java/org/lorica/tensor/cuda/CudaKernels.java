package org.lorica.tensor.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final int STRETCH = 1 << 14; // elements of a row that one block sums

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

  private CudaStream stream() {
    return lanes.get().stream();
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
    Gemm.Factors factors = new Gemm.Factors((float) alpha, (float) beta);
    Map<Gemm, List<Product>> alike = new LinkedHashMap<>();
    for (Product product : products) {
      Gemm gemm = Gemm.of(factors, product.a(), product.b(), product.c());
      if (product.c().size() > 0) {
        alike.computeIfAbsent(gemm, g -> new ArrayList<>()).add(product);
      }
    }
    alike.forEach(
        (gemm, some) -> {
          if (some.size() == 1 || gemm.size().k() == 0) {
            some.forEach(p -> gemm(alpha, p.a(), p.b(), beta, p.c()));
          } else {
            batched(gemm, some);
          }
        });
  }

  private void batched(Gemm gemm, List<Product> products) {
    int count = products.size();
    long[] addresses = new long[3 * count];
    for (int i = 0; i < count; i++) {
      addresses[i] = Arguments.address(products.get(i).a());
      addresses[count + i] = Arguments.address(products.get(i).b());
      addresses[2 * count + i] = Arguments.address(products.get(i).c());
    }
    Lane lane = lanes.get();
    lane.stream().gemmEach(gemm, count, lane.scratch().upload(addresses));
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

  /** A kernel whose only argument is an array of structures. */
  void launchEach(String kernel, Grid grid, long[] structures) {
    Lane lane = lanes.get();
    long address = lane.scratch().upload(structures);
    lane.stream().launch(kernel, grid, lane.arguments().address(address));
  }

  private void scale(double factor, Tensor x) {
    if (factor == 0) {
      fill(0, x);
    } else {
      elementwise("scale", arguments -> arguments.single(factor), x);
    }
  }

  private void elementwise(String kernel, Lane.Scalars scalars, Tensor... matrices) {
    lanes.get().elementwise(kernel, scalars, matrices);
  }

  private void elementwise(String kernel, Tensor... matrices) {
    elementwise(kernel, Lane.Scalars.NONE, matrices);
  }

  /** A kernel on the elements of x, whose shape comes after the arguments given. */
  private void launch(String kernel, Arguments arguments, Tensor x) {
    if (x.size() > 0) {
      Grid grid = Grid.elements(x.rows(), x.cols());
      stream().launch(kernel, grid, arguments.integer(x.rows()).integer(x.cols()));
    }
  }

  /** A kernel with one block a row of x, whose shape comes after the arguments given. */
  private void launchRows(String kernel, Arguments arguments, Tensor x, Lane.Scalars scalars) {
    if (x.size() > 0) {
      scalars.addTo(arguments.integer(x.rows()).integer(x.cols()));
      stream().launch(kernel, Grid.rows(x.rows(), x.cols()), arguments);
    }
  }

  private Arguments arguments() {
    return lanes.get().arguments();
  }

  @Override
  public void addBias(Tensor bias, Tensor x) {
    launch("addBias", arguments().view(bias).view(x), x);
  }

  @Override
  public void addBias(Tensor bias, Tensor x, Tensor y) {
    launch("addBiasTo", arguments().view(bias).view(x).view(y), x);
  }

  @Override
  public void setRows(Tensor bias, Tensor x) {
    launch("setRows", arguments().view(bias).view(x), x);
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
    launchRows("softmax", arguments().view(x), x, all -> all.integer(visible).integer(step));
  }

  @Override
  public void softmaxGradient(Tensor p, Tensor dp) {
    launchRows("softmaxGradient", arguments().view(p).view(dp), p, Lane.Scalars.NONE);
  }

  @Override
  public void layerNorm(Tensor x, Norm norm, Tensor y, Tensor stats) {
    Arguments all = arguments().view(x).view(norm.gamma()).view(norm.beta()).view(y).view(stats);
    launchRows("layerNorm", all, x, more -> more.real(norm.epsilon()));
  }

  @Override
  public void layerNormGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    normGradient(x, norm, stats, dy, dx);
  }

  @Override
  public void rmsNorm(Tensor x, Norm norm, Tensor y, Tensor stats) {
    Arguments all = arguments().view(x).view(norm.gamma()).view(y).view(stats);
    launchRows("rmsNorm", all, x, more -> more.real(norm.epsilon()));
  }

  @Override
  public void rmsNormGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    normGradient(x, norm, stats, dy, dx);
  }

  private void normGradient(Tensor x, Norm norm, Tensor stats, Tensor dy, Tensor dx) {
    int centred = norm.beta() == null ? 0 : 1;
    Arguments all = arguments().view(x).view(norm.gamma()).view(stats).view(dy).view(dx);
    launchRows("normGradient", all, x, more -> more.integer(centred));
  }

  @Override
  public void addEmbedding(Tensor table, int[] ids, Tensor y) {
    Lane lane = lanes.get();
    long rows = lane.scratch().upload(Arrays.copyOf(ids, y.rows()));
    launch("addEmbedding", lane.arguments().view(table).address(rows).view(y), y);
  }

  @Override
  public void rotary(Rotary rotary, int[] positions, Tensor x) {
    if (x.size() == 0) {
      return;
    }
    RotaryAngles.Table table = angles.upTo(rotary, positions);
    Lane lane = lanes.get();
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
    if (logits.rows() == 0) {
      return;
    }
    Lane lane = lanes.get();
    Scratch scratch = lane.scratch();
    long wanted = scratch.upload(Arrays.copyOf(targets, logits.rows()));
    long found = scratch.reserve((long) logits.rows() * Double.BYTES);
    Arguments all = lane.arguments().view(logits).address(wanted).address(found);
    if (dLogits == null) {
      all.absent();
    } else {
      all.view(dLogits);
    }
    launchRows("crossEntropy", all, logits, Lane.Scalars.NONE);
    System.arraycopy(scratch.doubles(found, logits.rows()), 0, losses, 0, logits.rows());
  }

  @Override
  public double squaredNorm(Tensor x) {
    return Arrays.stream(squaredNorms(x)).sum();
  }

  @Override
  public double[] squaredNorms(Tensor x) {
    double[] squares = new double[x.rows()];
    if (x.size() == 0) {
      return squares;
    }
    int parts = (x.cols() + STRETCH - 1) / STRETCH;
    Lane lane = lanes.get();
    Scratch scratch = lane.scratch();
    long memory = scratch.reserve((long) x.rows() * parts * Double.BYTES);
    Arguments all = lane.arguments().view(x).address(memory);
    all.integer(x.rows()).integer(x.cols()).integer(STRETCH);
    Grid grid = Grid.rows(x.rows(), Math.min(x.cols(), STRETCH)).times(parts);
    lane.stream().launch("squaredNormParts", grid, all);
    double[] each = scratch.doubles(memory, x.rows() * parts);
    for (int i = 0; i < each.length; i++) {
      squares[i / parts] += each[i];
    }
    return squares;
  }

  @Override
  public void scaleRows(double[] factors, Tensor x) {
    float[] rounded = new float[x.rows()];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) factors[i];
    }
    Lane lane = lanes.get();
    long uploaded = lane.scratch().upload(rounded);
    launch("scaleRows", lane.arguments().address(uploaded).view(x), x);
  }

  @Override
  public void transpose(Tensor from, Tensor to) {
    launch("transpose", arguments().view(from).view(to), from);
  }

  @Override
  public void addWeightedRows(double[] factors, Tensor x, double[] sum) {
    if (x.size() == 0) {
      return;
    }
    Lane lane = lanes.get();
    Scratch scratch = lane.scratch();
    long weights = scratch.upload(factors);
    long memory = scratch.reserve((long) x.cols() * Double.BYTES);
    Arguments all = lane.arguments().address(weights).view(x).address(memory);
    all.integer(factors.length).integer(x.cols());
    lane.stream().launch("weightedRows", Grid.elements(1, x.cols()), all);
    double[] added = scratch.doubles(memory, x.cols());
    for (int j = 0; j < sum.length; j++) {
      sum[j] += added[j];
    }
  }

  @Override
  public Inner inner(Tensor a, Tensor b) {
    if (a.size() == 0) {
      return new Inner(0, 0);
    }
    Lane lane = lanes.get();
    Scratch scratch = lane.scratch();
    long memory = scratch.reserve(2L * a.rows() * Double.BYTES);
    Arguments all = lane.arguments().view(a).view(b).address(memory);
    launchRows("innerParts", all, a, Lane.Scalars.NONE);
    double[] parts = scratch.doubles(memory, 2 * a.rows());
    double sum = 0;
    double magnitudes = 0;
    for (int i = 0; i < parts.length; i += 2) {
      sum += parts[i];
      magnitudes += parts[i + 1];
    }
    return new Inner(sum, magnitudes);
  }
}
