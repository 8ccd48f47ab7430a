package org.lorica.model;

import org.lorica.lora.AdapterLayout;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.ArgumentList;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Product;
import org.lorica.tensor.Tensor;

/**
 * A frozen linear layer with LoRA factors where the layout has them (arXiv 2106.09685): y = x·Wᵀ +
 * b + s·(x·Aᵀ)·Bᵀ. Per-example gradients are formed directly from the example's token rows; they
 * are small (rank × width), so this beats Gram-matrix norms and yields the clipped sum as well.
 */
final class AdaptedLinear {
  private final Linear frozen;
  private final double scaling;
  private final TensorSlot b; // null without adapter
  private final TensorSlot a;
  private final Pass.OfLane factorB = this::factorB;
  private final Pass.OfLane factorA = this::factorA;
  private final Pass.OfLane turnedB = (pass, lane) -> factorB(pass, lane).t();
  private final Pass.OfLane turnedA = (pass, lane) -> factorA(pass, lane).t();
  private Tensor input;
  private Tensor hidden; // x·Aᵀ, tokens × rank

  AdaptedLinear(Linear frozen, AdapterLayout layout) {
    this.frozen = frozen;
    this.scaling = layout.scaling(frozen.name());
    this.b = layout.slot(frozen.name(), Role.B).orElse(null);
    this.a = layout.slot(frozen.name(), Role.A).orElse(null);
  }

  boolean trains(Pass pass) {
    return pass.trains(b) || pass.trains(a);
  }

  boolean adapted() {
    return b != null;
  }

  int in() {
    return frozen.in();
  }

  /** Of the factors, which must be there. */
  int rank() {
    return b.cols();
  }

  double scaling() {
    return scaling;
  }

  /** 1 × out, or null. */
  Tensor bias() {
    return frozen.bias();
  }

  /** The frozen weight in use, out × in. */
  Tensor weight(Pass pass) {
    return pass.base(frozen).weight();
  }

  Tensor factorA(Pass pass, int lane) {
    return pass.value(lane, a);
  }

  Tensor factorB(Pass pass, int lane) {
    return pass.value(lane, b);
  }

  boolean trainsA(Pass pass) {
    return pass.trains(a);
  }

  boolean trainsB(Pass pass) {
    return pass.trains(b);
  }

  Tensor gradientA(Pass pass, int example) {
    return pass.gradient(example, a);
  }

  Tensor gradientB(Pass pass, int example) {
    return pass.gradient(example, b);
  }

  Tensor forward(Pass pass, Tensor x) {
    Tensor y = pass.tokenRows(frozen.out());
    pass.base(frozen).forward(pass.kernels(), x, y);
    addFactors(pass, x, y);
    return y;
  }

  /** residual + this layer's output, in new memory. */
  Tensor forwardOnto(Pass pass, Tensor residual, Tensor x) {
    Tensor y = pass.tokenRows(frozen.out());
    pass.base(frozen).forwardOnto(pass.kernels(), residual, x, y);
    addFactors(pass, x, y);
    return y;
  }

  private void addFactors(Pass pass, Tensor x, Tensor y) {
    if (b != null) {
      hidden = pass.tokenRows(a.rows());
      pass.gemmOfLanes(1, x, turnedA, 0, hidden);
      pass.gemmOfLanes(scaling, hidden, turnedB, 1, y);
    }
    input = x;
  }

  /** Gradients of the active factors only; what lies below needs none. */
  void backward(Pass pass, Tensor dy) {
    if (pass.trains(b)) {
      perExample(pass, b, dy, hidden);
      measureProduct(pass, dy);
    }
    if (pass.trains(a)) {
      perExample(pass, a, throughB(pass, dy), input);
    }
  }

  /** Gradients of the active factors, and dx = keep·dx + dy·W + s·(dy·B)·A. */
  void backward(Pass pass, Tensor dy, double keep, Tensor dx) {
    Kernels kernels = pass.kernels();
    kernels.gemm(1, dy, pass.base(frozen).weight(), keep, dx);
    if (b == null) {
      return;
    }
    if (pass.trains(b)) {
      perExample(pass, b, dy, hidden);
      measureProduct(pass, dy);
    }
    Tensor u = throughB(pass, dy);
    if (pass.trains(a)) {
      perExample(pass, a, u, input);
    }
    pass.gemmOfLanes(scaling, u, factorA, 1, dx);
  }

  /** The product's gradient is s·dyₑᵀ·xₑ: its norm comes from the two Gram matrices alone. */
  private void measureProduct(Pass pass, Tensor dy) {
    if (pass.products().isEmpty()) {
      return;
    }
    ProductNorms products = pass.products().get();
    RowRanges examples = pass.ranges();
    for (int e = 0; e < examples.count(); e++) {
      Tensor l = dy.rows(examples.start(e), examples.length(e));
      Tensor r = input.rows(examples.start(e), examples.length(e));
      products.add(e, scaling * scaling * products.squaredNorm(pass, l, r));
    }
  }

  private Tensor throughB(Pass pass, Tensor dy) {
    Tensor u = pass.tokenRows(b.cols());
    pass.gemmOfLanes(1, dy, factorB, 0, u);
    return u;
  }

  /** s·leftₑᵀ·rightₑ for every example e. */
  private void perExample(Pass pass, TensorSlot slot, Tensor left, Tensor right) {
    RowRanges examples = pass.ranges();
    ArgumentList<Product> products = pass.work().products();
    for (int e = 0; e < examples.count(); e++) {
      Tensor l = left.rows(examples.start(e), examples.length(e));
      Tensor r = right.rows(examples.start(e), examples.length(e));
      products.next().set(l.t(), r, pass.gradient(e, slot));
    }
    pass.kernels().gemmEach(scaling, products, 0);
  }
}
