package org.lorica.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.LoraModule;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Move;
import org.lorica.tensor.Product;
import org.lorica.tensor.Tensor;

/**
 * A linear layer of a task head: one row an example. Weight and bias come from the adapter where
 * its layout trains them, and then have per-example gradients.
 */
final class HeadLinear {
  private final Linear frozen;
  private final TensorSlot weight; // null if frozen
  private final TensorSlot bias;
  private Tensor input;

  HeadLinear(Linear frozen, AdapterLayout layout) {
    this.frozen = frozen;
    this.weight = layout.slot(frozen.name() + ".weight", Role.HEAD).orElse(null);
    this.bias = layout.slot(frozen.name() + ".bias", Role.HEAD).orElse(null);
  }

  /**
   * The trainable tensors of some layers: weight (out × in), then bias (1 × out) where there is
   * one, of each.
   */
  static List<LoraModule> modules(List<Linear> layers) {
    return layers.stream().flatMap(HeadLinear::modules).toList();
  }

  private static Stream<LoraModule> modules(Linear layer) {
    LoraModule weight = new LoraModule(layer.name() + ".weight", layer.out(), layer.in());
    return layer.bias() == null
        ? Stream.of(weight)
        : Stream.of(weight, new LoraModule(layer.name() + ".bias", 1, layer.out()));
  }

  /** Their frozen values in that order. */
  static float[] values(List<Linear> layers) {
    float[] all = new float[0];
    for (Linear layer : layers) {
      float[] weight = layer.weight().toFloats();
      float[] bias = layer.bias() == null ? new float[0] : layer.bias().toFloats();
      int from = all.length;
      all = Arrays.copyOf(all, from + weight.length + bias.length);
      System.arraycopy(weight, 0, all, from, weight.length);
      System.arraycopy(bias, 0, all, from + weight.length, bias.length);
    }
    return all;
  }

  boolean trains(Pass pass) {
    return pass.trains(weight) || pass.trains(bias);
  }

  int out() {
    return frozen.out();
  }

  Tensor forward(Pass pass, Tensor x) {
    input = x;
    Tensor y = pass.allocate(x.rows(), frozen.out());
    pass.forLanes(
        x.rows(),
        (lane, from, count) -> {
          Tensor b = bias == null ? frozen.bias() : pass.value(lane, bias);
          new Linear(frozen.name(), weight(pass, lane), b)
              .forward(pass.kernels(), x.rows(from, count), y.rows(from, count));
        });
    return y;
  }

  /** The outputs of one example's rows of x. */
  Tensor forward(Pass pass, int example, Tensor x) {
    int lane = pass.laneOf(example);
    Tensor b = bias == null ? frozen.bias() : pass.value(lane, bias);
    Tensor y = pass.allocate(x.rows(), frozen.out());
    new Linear(frozen.name(), weight(pass, lane), b).forward(pass.kernels(), x, y);
    return y;
  }

  /** Per-example gradients of the active tensors, row e of dy being example e's. */
  void backward(Pass pass, Tensor dy) {
    Kernels kernels = pass.kernels();
    ArgumentList<Product> products = pass.work().products();
    ArgumentList<Move> moves = pass.work().moves();
    for (int e = 0; e < dy.rows(); e++) {
      Tensor d = dy.rows(e, 1);
      if (pass.trains(weight)) {
        products.next().set(d.t(), input.rows(e, 1), pass.gradient(e, weight));
      }
      if (pass.trains(bias)) {
        moves.next().set(d, pass.gradient(e, bias));
      }
    }
    kernels.gemmEach(1, products, 0);
    kernels.copyEach(moves);
  }

  /** Gradients of the active tensors for one example of several rows of dy (× out) and x (× in). */
  void backward(Pass pass, int example, Tensor dy, Tensor x) {
    Kernels kernels = pass.kernels();
    if (pass.trains(weight)) {
      kernels.gemm(1, dy.t(), x, 0, pass.gradient(example, weight));
    }
    if (pass.trains(bias)) {
      Tensor ones = pass.allocate(1, dy.rows());
      kernels.fill(1, ones);
      kernels.gemm(1, ones, dy, 0, pass.gradient(example, bias));
    }
  }

  /** dx = dy·W. */
  void inputGradient(Pass pass, Tensor dy, Tensor dx) {
    pass.forLanes(
        dy.rows(),
        (lane, from, count) ->
            pass.kernels()
                .gemm(1, dy.rows(from, count), weight(pass, lane), 0, dx.rows(from, count)));
  }

  /** dx = dy·W for one example's rows. */
  void inputGradient(Pass pass, int example, Tensor dy, Tensor dx) {
    pass.kernels().gemm(1, dy, weight(pass, pass.laneOf(example)), 0, dx);
  }

  private Tensor weight(Pass pass, int lane) {
    return weight == null ? frozen.weight() : pass.value(lane, weight);
  }
}
