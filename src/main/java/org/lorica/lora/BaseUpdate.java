package org.lorica.lora;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.lorica.tensor.Matrix;

/**
 * What earlier rounds have folded into the frozen weights: W + s·B·A for every module, kept as
 * factors of any rank. Immutable; travels with the adapter, and a worker adds it to its weights
 * once a round.
 *
 * @param factors in the order of the layout's modules; empty where nothing has been folded
 */
public record BaseUpdate(List<LoraFactors> factors) implements Serializable {
  /** Nothing folded: the frozen weights are the model's own. */
  public static final BaseUpdate NONE = new BaseUpdate(List.of());

  public BaseUpdate {
    factors = List.copyOf(factors);
  }

  public boolean isEmpty() {
    return factors.isEmpty();
  }

  /** This update and another one, one pair of factors for every module, each exact. */
  public BaseUpdate plus(List<LoraFactors> more) {
    if (isEmpty()) {
      return new BaseUpdate(more.stream().map(BaseUpdate::narrow).toList());
    }
    if (more.size() != factors.size()) {
      throw new IllegalArgumentException(
          "expected factors of " + factors.size() + " modules, got " + more.size());
    }
    List<LoraFactors> sum = new ArrayList<>();
    for (int m = 0; m < more.size(); m++) {
      sum.add(sum(factors.get(m), more.get(m)));
    }
    return new BaseUpdate(sum);
  }

  /** Factors of the sum of two products, [B₁ B₂]·[A₁; A₂], of a rank that the shape allows. */
  static LoraFactors sum(LoraFactors one, LoraFactors two) {
    Matrix a = one.a().transpose().besides(two.a().transpose()).transpose();
    return narrow(new LoraFactors(one.b().besides(two.b()), a));
  }

  /** A pair wider than the product's smaller side is worth no more than the product itself. */
  private static LoraFactors narrow(LoraFactors wide) {
    int out = wide.b().rows();
    int in = wide.a().cols();
    if (wide.rank() <= Math.min(out, in)) {
      return wide;
    }
    return in <= out
        ? new LoraFactors(wide.product(), Matrix.identity(in))
        : new LoraFactors(Matrix.identity(out), wide.product());
  }
}
