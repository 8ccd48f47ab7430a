package org.lorica.model;

import org.lorica.lora.ActiveTensors;
import org.lorica.lora.Role;
import org.lorica.lora.TensorSlot;
import org.lorica.tensor.Arena;
import org.lorica.tensor.Kernels;
import org.lorica.tensor.Tensor;

/**
 * Squared norms of the examples' gradients with respect to the products BA, summed over modules.
 * ‖dyᵀx‖² = Σᵢⱼ (dy·dyᵀ)ᵢⱼ(x·xᵀ)ᵢⱼ: two tokens × tokens matrices, never one of out × in (arXiv
 * 1510.01799; FedASK's clip, arXiv 2507.09990).
 */
final class ProductNorms {
  /**
   * Terms of either sign may cancel. What single precision can have lost, a few units in the last
   * place of the terms' sizes, is added: a norm may be taken too large, never too small, so that
   * the clip's bound holds.
   */
  private static final double ROUNDING = 0x1p-21;

  private final double[] squares;
  private final int head;

  ProductNorms(ActiveTensors active, int examples) {
    if (active.slots().stream().anyMatch(slot -> slot.role() == Role.A)) {
      throw new IllegalArgumentException(
          "strategy.clip-space = product needs A to stand still, got a plan that trains it");
    }
    this.squares = new double[examples];
    this.head =
        active.slots().stream()
            .filter(slot -> slot.role() != Role.HEAD)
            .mapToInt(TensorSlot::size)
            .sum();
  }

  void add(int example, double square) {
    squares[example] += square;
  }

  /** Over all modules; the head's part is not in it. */
  double of(int example) {
    return squares[example];
  }

  /** Where the head's values start in a packed gradient. */
  int head() {
    return head;
  }

  /** ‖leftᵀ·right‖² of two matrices of as many rows. */
  double squaredNorm(Pass pass, Tensor left, Tensor right) {
    Arena.Mark mark = pass.arena().mark();
    Tensor ofLeft = gram(pass, left);
    Tensor ofRight = gram(pass, right);
    Kernels.Inner inner = pass.kernels().inner(ofLeft, ofRight);
    pass.arena().release(mark);
    return Math.max(0, inner.sum()) + ROUNDING * inner.magnitudes();
  }

  private static Tensor gram(Pass pass, Tensor rows) {
    Tensor gram = pass.allocate(rows.rows(), rows.rows());
    pass.kernels().gemm(1, rows, rows.t(), 0, gram);
    return gram;
  }
}
